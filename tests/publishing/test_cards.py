import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from blog.imaging import ImageRefused
from blog.models import LearningLevel, Post
from blog.publishing import addresses, cards, figures, tasks, upkeep, workflow
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn(monkeypatch):
    """Every card asked for, as (words, bytes of the figure); nothing is drawn."""
    asked = []

    class Card:
        suffix, data = ".png", b"a card"

    def draw_card(words, figure=b"", focus=None):
        asked.append((words, figure))
        return Card

    monkeypatch.setattr("blog.imaging.draw_card", draw_card)
    return asked


def waiting(name: str) -> list[DBTaskResult]:
    return [one for one in DBTaskResult.objects.order_by("enqueued_at") if one.task_path.endswith(name)]


def test_it_draws_title_level_authors_and_lead_figure_and_stores_the_card():
    post = make.post(
        title="Queues", authors=[make.author("Ada First"), make.author("Zoe Last")], lead_figure=make.figure()
    )
    name = tasks.make_card.func(post.pk)
    post.refresh_from_db()
    assert post.social_card.name == name
    assert name.startswith("cards/")
    assert default_storage.open(name).read(8) == b"\x89PNG\r\n\x1a\n"


def test_it_leaves_the_drawing_to_a_worker_after_the_commit(drawn, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post = make.post()
        assert not waiting("make_card")
    (task,) = waiting("make_card")
    assert task.args_kwargs["args"] == [post.pk]
    assert not drawn


def test_it_asks_for_no_card_of_a_draft(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make.post(status=Post.Status.DRAFT)
    assert not waiting("make_card")


def test_it_draws_the_card_of_a_scheduled_post_beforehand(now, drawn, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make.post(at=now.replace(year=2099))
    assert waiting("make_card")


def test_it_draws_once_while_nothing_on_the_card_changes(now, drawn, django_capture_on_commit_callbacks):
    post = make.post()
    tasks.make_card.func(post.pk)
    tasks.make_card.func(post.pk)
    assert len(drawn) == 1
    post.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        post.summary = f"{post.summary} Other words."
        workflow.save(post, at=now)
        workflow.settle(post)
    assert not waiting("make_card")


def change_title(post):
    Post.objects.filter(pk=post.pk).update(title="Another")


def change_level(post):
    Post.objects.filter(pk=post.pk).update(learning_level=make.level(400))


def rename_level(post):
    LearningLevel.objects.filter(pk=post.learning_level_id).update(name="Deep")


def change_authors(post):
    post.bylines.create(author=make.author("Bo Li"), position=9)


def change_figure(post):
    Post.objects.filter(pk=post.pk).update(lead_figure=make.figure("other"))


@pytest.mark.parametrize("change", [change_title, change_level, rename_level, change_authors, change_figure])
def test_it_knows_when_a_card_is_no_longer_true(drawn, change):
    post = make.post()
    before = tasks.make_card.func(post.pk)
    change(post)
    assert [one.pk for one in cards.stale(cards.scoped())] == [post.pk]
    assert tasks.make_card.func(post.pk) != before
    assert default_storage.exists(before), "others may have linked to it"


def test_it_redraws_after_a_rename(drawn, django_capture_on_commit_callbacks):
    author = make.author("Ada Ferrant")
    mine, other = make.post(authors=[author]), make.post(authors=[make.author("Bo Li")])
    for post in (mine, other):
        tasks.make_card.func(post.pk)
    del drawn[:]
    with django_capture_on_commit_callbacks(execute=True):
        author.name = "Ada Ferrant-Li"
        addresses.save_keeping_address(author)
    (task,) = waiting("redraw_cards")
    assert tasks.redraw_cards.func(**task.args_kwargs["kwargs"]) == 1
    assert [words.authors for words, _ in drawn] == [("Ada Ferrant-Li",)]


def test_it_redraws_when_the_lead_figure_gets_another_picture(drawn, django_capture_on_commit_callbacks):
    figure = make.figure()
    post = make.post(lead_figure=figure)
    tasks.make_card.func(post.pk)
    with django_capture_on_commit_callbacks(execute=True):
        figures.take_upload(figure, make.png(text="new"), name="new.png")
        figures.save(figure)
    (task,) = waiting("redraw_cards")
    assert tasks.redraw_cards.func(**task.args_kwargs["kwargs"]) == 1


def test_it_lets_others_have_their_turn(drawn, monkeypatch):
    monkeypatch.setattr(cards, "SLICE", 2)
    posts = [make.post() for _ in range(3)]
    assert tasks.redraw_cards.func() == 2
    (task,) = waiting("redraw_cards")
    assert task.priority < 0
    assert tasks.redraw_cards.func(**task.args_kwargs["kwargs"]) == 1
    assert all(Post.objects.get(pk=post.pk).social_card for post in posts)


def test_it_draws_without_a_figure_that_can_not_be_decoded(drawn, monkeypatch):
    post = make.post(lead_figure=make.figure())
    draw = cards.imaging.draw_card

    def choosy(words, figure=b"", focus=None):
        if figure:
            raise ImageRefused("broke")
        return draw(words, figure)

    monkeypatch.setattr("blog.imaging.draw_card", choosy)
    assert tasks.make_card.func(post.pk)
    assert drawn == [(drawn[0][0], b"")]


def test_it_gives_two_posts_of_the_same_words_names_that_nobody_can_guess(drawn):
    names = {tasks.make_card.func(make.post(title="Same", slug=slug).pk) for slug in ("a", "b")}
    assert len(names) == 2


def test_it_takes_a_post_that_is_gone_for_done():
    assert tasks.make_card.func(10**9) == ""


def test_its_command_draws_what_is_missing(drawn, capsys):
    make.post()
    make.post(status=Post.Status.DRAFT)
    call_command("make_cards")
    assert "1 cards" in capsys.readouterr().out
    assert not list(upkeep.make_missing_cards())


def test_it_touches_nothing_but_the_card(drawn):
    post = make.post()
    before = Post.objects.get(pk=post.pk)
    tasks.make_card.func(post.pk)
    after = Post.objects.get(pk=post.pk)
    assert (after.version, after.updated_at) == (before.version, before.updated_at)


def test_it_is_drawn_anew_when_the_focus_of_its_figure_moves(django_capture_on_commit_callbacks):
    figure = make.figure()
    post = cards.with_words(Post.objects.filter(pk=make.post(lead_figure=figure).pk)).get()
    whole = cards.stem_for(post)
    post.lead_figure.focus_x, post.lead_figure.focus_y = 20, 80
    assert cards.stem_for(post) != whole
    with django_capture_on_commit_callbacks(execute=True):
        figures.save(figure, refocused=True)
    assert waiting("redraw_cards")
