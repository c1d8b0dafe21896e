from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.models import Category, Figure, Series
from blog.models.search import parse, search
from blog.publishing import categories, figures, workflow
from tests import make

pytestmark = pytest.mark.django_db


def slugs(text, at, **how):
    return [hit.post.slug for hit in search(parse(text), at=at, **how).hits]


def found(text, at, **how):
    return set(slugs(text, at, **how))


def test_it_ranks_title_over_summary_over_captions_over_body_over_code(now):
    figure = make.figure("f", caption="A quorum of three", alt="Three boxes.")
    # The weightier the field, the older the post and the fewer the mentions: neither makes up for the field.
    make.post(slug="title", title="Quorum", at=now - timedelta(days=50))
    make.post(slug="summary", summary="On a quorum.", at=now - timedelta(days=40))
    make.post(slug="caption", body=f"Text.\n\n![](figure:{figure.slug})\n", at=now - timedelta(days=30))
    make.post(slug="body", body="A quorum. " * 30, at=now - timedelta(days=20))
    make.post(
        slug="code", body="Text.\n\n```python\nquorum = quorum(quorum)\n```\n", at=now - timedelta(days=10)
    )
    assert slugs("quorum", now) == ["title", "summary", "caption", "body", "code"]


def test_it_ranks_fields_in_this_order_for_several_words_too(now):
    make.post(slug="title", title="Quorum lease", at=now - timedelta(days=50))
    make.post(slug="summary", summary="On a quorum and its lease.", at=now - timedelta(days=40))
    make.post(slug="body", body="A quorum lease, a lease quorum. " * 60, at=now - timedelta(days=20))
    make.post(
        slug="code", body="Text.\n\n```python\nquorum.lease(quorum.lease)\n```\n", at=now - timedelta(days=10)
    )
    assert slugs("quorum lease", now) == ["title", "summary", "body", "code"]


def test_it_puts_words_that_stand_together_first(now):
    filler = "This sentence speaks of something else. " * 20
    make.post(slug="apart", body=f"A quorum. {filler} A lease.", at=now - timedelta(days=1))
    make.post(slug="together", body=f"A quorum lease. {filler}", at=now - timedelta(days=2))
    assert slugs("quorum lease", now) == ["together", "apart"]


def test_it_puts_the_newer_of_two_equals_first(now):
    for days in (3, 1, 2):
        make.post(slug=f"d{days}", title="Quorum", at=now - timedelta(days=days))
    assert slugs("quorum", now) == ["d1", "d2", "d3"]


def test_it_sorts_by_date_where_asked(now):
    make.post(slug="title", title="Quorum", at=now - timedelta(days=2))
    make.post(slug="body", body="A quorum.", at=now - timedelta(days=1))
    assert slugs("quorum", now) == ["title", "body"]
    assert slugs("quorum", now, sort="newest") == ["body", "title"]


@pytest.fixture(scope="module")
def edition(module_rows):
    series = Series.objects.create(title="On Queues", slug="on-queues")
    make.post(
        slug="a", title="Event buses", body="An event bus carries leases.", learning_level=make.level(300),
        categories=[make.category("storage/amazon-s3")], tags=["S3", "Big Data"], authors=[make.author("Ada Ferrant")],
        series=[(series, 1)], at=datetime(2026, 2, 15, 23, 59, tzinfo=UTC),
    )  # fmt: skip
    make.post(
        slug="b", title="Bus events", body="The bus of an event, not in this order.", learning_level=make.level(100),
        categories=[make.category("storage")], tags=["ebs"], authors=[make.author("Bo Lind")],
        at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    )  # fmt: skip
    make.post(
        slug="c", title="Ereignisse", summary="Über Größen und Schlüssel.", body="Ein Warteschlangendienst.", language="de-CH",
        learning_level=make.level(200), categories=[make.category("networking")], at=datetime(2025, 6, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("event bus", "ab"),
        ('"event bus"', "a"),
        ("“event bus”", "a"),
        ("bus -leases", "b"),
        ("bus -lease", "b"),
        ('bus -"event bus"', "b"),
        ("leases or Warteschlangendienst", "ac"),
        ("-bus", "c"),
        ("event leases or order", "ab"),
        ("level:300", "a"),
        ("level:advanced", "a"),
        ("level:L300", "a"),
        ("level:300 level:100", "ab"),
        ("-level:300", "bc"),
        ("category:storage", "ab"),
        ("category:storage/amazon-s3", "a"),
        ("category:/storage/amazon-s3/", "a"),
        ("category:Amazon-S3", "a"),
        ("category:amazon-s3 category:networking", "ac"),
        ("-category:amazon-s3", "bc"),
        ("tag:s3", "a"),
        ("tag:S3 tag:ebs", "ab"),
        ('tag:"big data"', "a"),
        ("-tag:s3", "bc"),
        ("author:ada-ferrant", "ac"),
        ('author:"Bo Lind"', "b"),
        ("series:on-queues", "a"),
        ('series:"On queues"', "a"),
        ("-series:on-queues", "bc"),
        ("from:2026", "ab"),
        ("from:2026-02", "a"),
        ("to:2026-01", "bc"),
        ("to:2026-02-15", "abc"),
        ("to:2026-02-14", "bc"),
        ("from:2026-01 to:2026-01", "b"),
        ("to:2025", "c"),
        ("lang:de", "c"),
        ("-lang:de", "ab"),
        ("bus level:300 category:storage tag:s3 from:2026", "a"),
        ("grossen", "c"),
        ("Größen", "c"),
        ("schlussel", "c"),
        ("über", "c"),
        ("warteschlangendienst", "c"),
        ("tag:nope tag:s3", "a"),
        ("-tag:nope bus", "ab"),
    ],
)
def test_it_understands_words_and_operators(edition, now, text, expected):
    results = search(parse(text), at=now)
    assert {hit.post.slug for hit in results.hits} == set(expected)
    assert results.count == len(expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "level:999999999999999999",
            "There is no level “999999999999999999”. The levels are 100, 200, 300, 400.",
        ),
        ("from:0000-99", "“from:0000-99” is not a date"),
        ("to:2026-02-30", "“to:2026-02-30” is not a date"),
        ("from:9999", "is not a date"),
        ("tag:nope", "No published post has “tag:nope”."),
        ("category:nope bus", "No published post has “category:nope”."),
        ("level: bus", "Write what you mean right behind “level:”"),
        ("from:2026-02 to:2026-01", "“from” lies after “to”"),
        ("the", "“the” can be found in almost every text"),
        ("bus " * 2_000, "only its beginning was read"),
    ],
)
def test_it_says_what_it_could_not_take_at_its_word(edition, now, text, said):
    assert said in " ".join(search(parse(text), at=now).sentences)


def test_it_searches_on_where_only_an_operator_says_nothing(edition, now):
    assert found("level: bus", now) == {"a", "b"}
    assert found("the bus", now) == {"a", "b"}
    assert found("level:999999999999999999", now) == set()


def test_it_finds_a_post_from_its_second_on_until_it_expires(now):
    make.post(
        slug="soon",
        title="Quorum",
        tags=["leases"],
        at=now,
        expires_at=now + timedelta(days=1),
        learning_level=make.level(400),
    )
    before, last = now - timedelta(seconds=1), now + timedelta(days=1)
    for text in (
        "quorum",
        "qourum",
        "tag:leases",
        "tag:leasse",
        "level:400",
        "quorum nothing",
        "from:2026",
        "-x",
    ):
        results = search(parse(text), at=before)
        assert (results.count, results.hits, results.suggestions, results.wider) == (0, [], [], []), text
        assert not results.facets, text
    assert found("quorum", now) == {"soon"}
    assert search(parse("qourum"), at=now).suggestions
    assert found("quorum", last - timedelta(seconds=1)) == {"soon"}
    assert found("quorum", last) == set()
    assert not search(parse("qourum"), at=last).suggestions


def test_it_says_the_same_of_a_name_that_waits_as_of_one_that_is_not(now):
    make.post(tags=["secret"], at=now + timedelta(days=1))
    waiting, unknown = (search(parse(f"tag:{one}"), at=now) for one in ("secret", "secrex"))
    assert waiting.count == unknown.count == 0
    assert not waiting.suggestions
    assert not unknown.suggestions


def test_it_follows_a_post_through_its_life(now):
    post = make.post(
        slug="p",
        title="Quorum",
        tags=["old"],
        categories=[make.category("data/lakes")],
        status="draft",
        at=now,
    )
    assert found("quorum", now) == set()
    workflow.publish(post, at=now)
    assert found("quorum tag:old category:data", now) == {"p"}
    workflow.write(
        post, at=now, categories=[make.category("data/lakes")], authors=[make.author()], tags=["new"]
    )
    assert found("tag:old", now) == set()
    assert found("tag:new", now) == {"p"}
    lakes = Category.objects.get(path="data/lakes")
    lakes.parent = make.category("storage")
    categories.save(lakes)
    assert found("category:data", now) == set()
    assert found("category:storage", now) == {"p"}
    assert [one.name for one in search(parse("quorum"), at=now).facets.categories] == ["Storage"]
    workflow.withdraw(post, at=now)
    assert found("quorum", now) == set()


def test_it_follows_a_changed_caption(now):
    make.figure("f", caption="A quorum", alt="Boxes.")
    make.post(slug="p", body="Text.\n\n![](figure:f)\n", at=now)
    assert found("quorum", now) == {"p"}
    figure = Figure.objects.get(slug="f")
    figure.caption = "A lease"
    figures.save(figure)
    assert found("quorum", now) == set()
    assert found("lease", now) == {"p"}


def test_it_shows_the_passage_that_answers_and_where_it_stands(now):
    make.figure("f", caption="A ledger of shards", alt="Boxes.")
    body = "First words.\n\n" + "Nothing here. " * 60 + "Then a replica falls behind. " + "Nothing. " * 60
    make.post(
        slug="p",
        title="Shards",
        summary="On a quorum.",
        body=body + "\n\n![](figure:f)\n\n```python\nevict(cache)\n```\n",
        at=now,
    )
    for word, source in (
        ("quorum", "summary"),
        ("ledger", "figures"),
        ("replica", "body"),
        ("evict", "code"),
    ):
        (hit,) = search(parse(word), at=now).hits
        assert hit.source == source
        assert [piece.text for piece in hit.passage if piece.marked] == [word]
        assert len("".join(piece.text for piece in hit.passage)) < 400
    (hit,) = search(parse("shards replica"), at=now).hits
    assert [piece.text for piece in hit.title if piece.marked] == ["Shards"]
    assert [piece.text for piece in hit.passage if piece.marked] == ["replica"]


def test_it_keeps_the_words_of_a_figure_apart(now):
    make.figure("f", caption="A ledger of shards", alt="Boxes in a row", long_description="First.\n\nThen.")
    make.post(body="![](figure:f)\n", at=now)
    (hit,) = search(parse("ledger"), at=now).hits
    assert "".join(piece.text for piece in hit.passage) == "ledger of shards · Boxes in a row · First. · Then"


def test_it_leaves_no_sentinel_of_an_author_in_the_text(now):
    make.post(title="A \ue000 quorum \ue001 <b>&", summary="\ue001x\ue000", at=now)
    (hit,) = search(parse("quorum"), at=now).hits
    assert not {"\ue000", "\ue001", "\ue002"} & set(
        "".join(piece.text for piece in (*hit.title, *hit.passage))
    )


def test_it_finds_japanese_by_a_word_inside_a_run(now):
    make.post(
        slug="ja", title="スケーラブルなKubernetesの運用", summary="大規模な設計の話。", body="障害からの復旧を自動化しました。", language="ja", at=now
    )  # fmt: skip
    make.post(slug="other", title="運と用", summary="無関係。", language="ja", at=now)
    for text in (
        "運用",
        "スケーラブル",
        "Kubernetes",
        "kubernetesの運用",
        "設計",
        "復旧",
        "障",
        '"大規模な設計"',
    ):
        assert found(text, now) == {"ja"}, text
    (hit,) = search(parse("復旧"), at=now).hits
    assert [piece.text for piece in hit.passage if piece.marked] == ["復旧"]
    (hit,) = search(parse("運用"), at=now).hits
    assert [piece.text for piece in hit.title if piece.marked] == ["運用"]


def test_it_reads_page_after_page_without_a_gap_or_a_repetition(now):
    for number in range(25):
        make.post(
            slug=f"p{number:02}",
            title="Quorum" if number % 3 else "Lease",
            body="A quorum.",
            at=now - timedelta(hours=number // 2),
        )
    for sort in ("relevance", "newest"):
        pages = [search(parse("quorum"), at=now, page=page, sort=sort) for page in (1, 2, 3)]
        seen = [hit.post.slug for page in pages for hit in page.hits]
        assert len(seen) == len(set(seen)) == 25
        assert {page.pages for page in pages} == {3}


@pytest.mark.parametrize("page", [0, -1, 51, 10**30])
def test_it_refuses_a_page_out_of_reach(now, page):
    with pytest.raises(ValueError, match="There is no page"):
        search(parse("x"), at=now, page=page)


@pytest.mark.parametrize(
    "text",
    [
        "bus",
        "event bus",
        "qourum",
        "evnet bsu",
        "tag:nope",
        "bus tag:ebs level:300",
        "level:300",
        "-bus",
        "bus nothing else",
        "日本",
        "the",
        "lang:de",
    ],
)
def test_it_costs_six_queries_at_most(edition, now, text):
    make.post(title="Quorum", at=now)
    with CaptureQueriesContext(connection) as queries:
        for hit in search(parse(text), at=now).hits:
            assert hit.post.learning_level.number
            assert [line.author.get_absolute_url() for line in hit.bylines]
            assert [category.get_absolute_url() for category in hit.categories]
    assert len(queries) <= 6


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["bus", "-", "or", '"', "level:3", "from:0", "to:2026-1-1", "'", "\\", "&", "|", "!", "(", "<->", ":*", "a:b", "日", "日本", "%", "_", "evnet", "tag:", "lang:%"]), max_size=12).map(" ".join),
))  # fmt: skip
def test_it_answers_any_text(edition, now, text):
    results = search(parse(text), at=now)
    assert results.count >= len(results.hits)
