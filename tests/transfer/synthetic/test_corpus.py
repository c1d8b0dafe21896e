from blog.transfer.synthetic import corpus


def test_it_makes_the_same_publication_every_time():
    assert list(corpus.plans(300)) == list(corpus.plans(300))
    assert corpus.bodies() == corpus.bodies()


def test_it_files_half_of_all_posts_below_one_root():
    places = corpus.tree()
    assert len(places) == 60
    plans = list(corpus.plans(2_000))
    large = sum(any(places[n].root == "storage" for n in plan.categories) for plan in plans)
    assert 0.45 < large / len(plans) < 0.55
    assert {len(plan.categories) for plan in plans} == {2, 3}
    assert all(len(set(plan.tags)) == 3 and 1 <= len(set(plan.authors)) <= 3 for plan in plans)
    assert len({plan.slug for plan in plans}) == len(plans)


def test_it_writes_texts_as_long_as_asked_for():
    assert [len(corpus.prose(7, words).split()) for words in (50, 100, 600)] == [50, 100, 600]
    for words in (100, 300, 600):
        mean = sum(len(text.split()) for text in corpus.bodies(words)) / corpus.BODIES
        assert 0.6 * words <= mean <= 1.9 * words


def test_it_keeps_pictures_in_the_shortest_texts():
    assert all("](figure:" in text for text in corpus.bodies(corpus.FEWEST_WORDS))
