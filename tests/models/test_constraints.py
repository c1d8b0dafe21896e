"""PostgreSQL holds the rules, whatever code writes: one test for each constraint."""

import pytest
from django.db import IntegrityError, connection, transaction

from blog.models import (
    Address,
    Byline,
    Category,
    Figure,
    FigureVersion,
    LearningLevel,
    Listing,
    MissedSearch,
    Placement,
    Post,
    PostTag,
    Rendition,
    Resemblance,
    Series,
    SeriesPart,
    Tag,
)
from tests import make

pytestmark = pytest.mark.django_db


def refused_by(name, act):
    """Asserts that `act` breaks the constraint `name`; deferred ones are checked at once."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert name in str(caught.value) or caught.value.__cause__.diag.constraint_name == name


def test_it_refuses_a_category_that_is_its_own_parent():
    category = make.category("storage")
    refused_by(
        "category_has_no_cycle",
        lambda: Category.objects.filter(pk=category.pk).update(parent=category.pk, path="storage/storage"),
    )


def test_it_refuses_a_cycle_of_categories():
    top, below = make.category("a"), make.category("a/b")
    refused_by(
        "category_has_no_cycle",
        lambda: Category.objects.filter(pk=top.pk).update(parent=below.pk, path="a/b/a"),
    )


def test_it_refuses_a_path_that_does_not_end_in_the_slug():
    category = make.category("storage")
    refused_by(
        "category_path_ends_in_slug", lambda: Category.objects.filter(pk=category.pk).update(path="else")
    )


def test_it_refuses_a_deep_path_without_a_parent():
    category = make.category("storage")
    refused_by(
        "category_root_has_plain_path",
        lambda: Category.objects.filter(pk=category.pk).update(path="x/storage"),
    )


def test_it_refuses_two_categories_at_one_path():
    make.category("storage")
    refused_by("blog_category_path_key", lambda: Category.objects.create(name="Other", slug="storage"))


@pytest.mark.parametrize("slug", ["feed", "learning-levels"])
def test_it_refuses_a_category_at_a_path_of_the_sites_own(slug):
    refused_by("category_slug_not_reserved", lambda: Category.objects.create(name="Taken", slug=slug))


def test_it_refuses_two_levels_of_one_number():
    refused_by(
        "blog_learninglevel_number_key", lambda: LearningLevel.objects.create(number=100, name="B", slug="b")
    )


def test_it_refuses_a_level_without_a_number():
    refused_by(
        "level_number_positive", lambda: LearningLevel.objects.create(number=0, name="None", slug="none")
    )


def test_it_refuses_tags_that_differ_in_case_only():
    Tag.objects.create(name="Redis", slug="redis")
    refused_by("tag_name_unique_in_any_case", lambda: Tag.objects.create(name="REDIS", slug="redis-2"))


def test_it_refuses_a_tag_twice_on_a_post():
    post = make.post(tags=["s3"])
    tag = Tag.objects.get()
    refused_by("posttag_once", lambda: PostTag.objects.create(content_object=post, tag=tag))


def test_it_refuses_an_author_twice_in_a_byline():
    post = make.post()
    refused_by("byline_once_per_author", lambda: Byline.objects.create(post=post, author=make.author()))


@pytest.mark.parametrize("fields", [{"alt": "", "decorative": False}, {"alt": "A bus.", "decorative": True}])
def test_it_refuses_a_figure_with_neither_or_both_of_alt_and_decorative(fields):
    figure = make.figure()
    refused_by("figure_alt_or_decorative", lambda: Figure.objects.filter(pk=figure.pk).update(**fields))


def test_it_refuses_a_figure_without_size():
    figure = make.figure()
    refused_by("figure_has_size", lambda: Figure.objects.filter(pk=figure.pk).update(width=0))


def test_it_refuses_a_figure_key_that_markdown_could_not_name():
    figure = make.figure()
    refused_by("figure_key_plain", lambda: Figure.objects.filter(pk=figure.pk).update(slug="Not A Key"))


@pytest.mark.parametrize("fields", [{"focus_x": 20}, {"focus_y": 20}, {"focus_x": 20, "focus_y": 101}])
def test_it_refuses_half_a_focus_and_one_outside_the_picture(fields):
    figure = make.figure()
    refused_by("figure_focus_within", lambda: Figure.objects.filter(pk=figure.pk).update(**fields))


def test_it_refuses_a_figure_that_looks_like_itself():
    figure = make.figure()
    refused_by(
        "resemblance_of_another", lambda: Resemblance.objects.create(figure=figure, other=figure, distance=0)
    )


def test_it_notes_a_resemblance_once():
    row = {"figure": make.figure("bus"), "other": make.figure("tram", data=make.png(41, 41)), "distance": 0}
    Resemblance.objects.all().delete()
    Resemblance.objects.create(**row)
    refused_by("resemblance_once", lambda: Resemblance.objects.create(**row))


def test_it_refuses_a_version_without_size(now):
    row = {"figure": make.figure(), "image": "a", "original": "b", "content_hash": "c", "at": now}
    refused_by("version_has_size", lambda: FigureVersion.objects.create(**row, width=0, height=1))


def test_it_refuses_two_figures_of_one_key():
    make.figure("bus")
    other = make.figure("tram")
    refused_by("blog_figure_slug_key", lambda: Figure.objects.filter(pk=other.pk).update(slug="bus"))


def test_it_refuses_a_rendition_twice():
    row = {"figure": make.figure(), "format": "webp", "width": 320, "height": 200, "file": "a", "size": 1}
    Rendition.objects.create(**row)
    refused_by("rendition_once_a_scheme", lambda: Rendition.objects.create(**row))


def test_it_refuses_a_rendition_without_size():
    figure = make.figure()
    refused_by(
        "rendition_has_size",
        lambda: Rendition.objects.create(figure=figure, format="webp", width=320, height=0, file="a", size=1),
    )


def test_it_refuses_a_figure_placed_twice_or_two_at_one_number():
    bus, tram = make.figure("bus"), make.figure("tram")
    post = make.post(body="![](figure:bus)\n")
    refused_by("placement_once", lambda: Placement.objects.create(post=post, figure=bus, number=2))
    refused_by("placement_number_once", lambda: Placement.objects.create(post=post, figure=tram, number=1))
    refused_by(
        "placement_number_positive", lambda: Placement.objects.create(post=post, figure=tram, number=0)
    )


def test_it_refuses_a_part_number_twice_and_a_post_twice_in_a_series():
    series = Series.objects.create(title="Layers", slug="layers")
    first = make.post(series=[(series, 1)])
    second = make.post()
    refused_by(
        "seriespart_number_once", lambda: SeriesPart.objects.create(series=series, post=second, number=1)
    )
    refused_by("seriespart_post_once", lambda: SeriesPart.objects.create(series=series, post=first, number=2))
    refused_by(
        "seriespart_number_positive", lambda: SeriesPart.objects.create(series=series, post=second, number=0)
    )


def test_it_lets_two_parts_change_places_in_one_transaction():
    series = Series.objects.create(title="Layers", slug="layers")
    make.post(series=[(series, 1)])
    make.post(series=[(series, 2)])
    with transaction.atomic():
        one, two = SeriesPart.objects.order_by("number")
        SeriesPart.objects.filter(pk=one.pk).update(number=2)
        SeriesPart.objects.filter(pk=two.pk).update(number=1)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert [part.pk for part in SeriesPart.objects.order_by("number")] == [two.pk, one.pk]


@pytest.mark.parametrize(
    "fields", [{"published_at": None}, {"learning_level": None}, {"summary": ""}, {"slug": ""}]
)
def test_it_refuses_a_published_post_that_lacks_something(fields):
    post = make.post()
    refused_by("post_published_is_complete", lambda: Post.objects.filter(pk=post.pk).update(**fields))


def test_it_refuses_a_status_that_is_none():
    post = make.post()
    refused_by("post_status_known", lambda: Post.objects.filter(pk=post.pk).update(status="maybe"))


def test_it_refuses_a_post_that_expires_before_it_appears():
    post = make.post()
    refused_by(
        "post_expires_after_publication",
        lambda: Post.objects.filter(pk=post.pk).update(expires_at=post.published_at),
    )


def test_it_refuses_two_posts_at_one_slug():
    make.post(slug="one")
    other = make.post(slug="two")
    refused_by("blog_post_slug_key", lambda: Post.objects.filter(pk=other.pk).update(slug="one"))


def test_it_refuses_a_listing_row_with_two_scopes():
    post = make.post()
    row = Listing.objects.filter(category__isnull=False).first()
    refused_by(
        "listing_has_one_scope", lambda: Listing.objects.filter(pk=row.pk).update(author=post.authors.first())
    )


def test_it_refuses_a_post_twice_in_a_listing():
    row = Listing.objects.filter(pk__in=[make.post().listings.first().pk]).values().get()
    row.pop("id")
    refused_by("listing_once", lambda: Listing.objects.create(**row))


@pytest.mark.parametrize("targets", [0, 2])
def test_it_refuses_an_address_that_leads_to_nothing_or_to_two_things(targets):
    post, category = make.post(), make.category()
    refused_by(
        "address_has_one_target",
        lambda: Address.objects.create(path="/x/", **{"post": post, "category": category} if targets else {}),
    )


def test_it_refuses_an_address_that_is_no_path():
    post = make.post()
    refused_by("address_is_a_path", lambda: Address.objects.create(path="x", post=post))


def test_it_refuses_two_targets_for_one_former_path():
    post = make.post()
    Address.objects.create(path="/x/", post=post)
    refused_by("blog_address_path_key", lambda: Address.objects.create(path="/x/", post=post))


def test_it_refuses_to_delete_a_level_or_a_figure_in_use():
    figure = make.figure()
    make.post(lead_figure=figure)
    from django.db.models import ProtectedError

    with pytest.raises(ProtectedError):
        figure.delete()
    with pytest.raises(ProtectedError):
        make.level().delete()


@pytest.mark.parametrize("twin", ["Ｒedis", "re\u0301dis", "REDIS"])
def test_it_refuses_tags_that_differ_in_how_letters_are_encoded_only(twin):
    Tag.objects.create(name="rédis" if "e\u0301" in twin else "redis", slug="redis")
    with pytest.raises(IntegrityError, match="tag_name_unique_in_any"), transaction.atomic():
        Tag.objects.create(name=twin, slug="redis-2")


def test_it_refuses_a_published_post_in_the_trash():
    post = make.post()
    refused_by(
        "post_in_trash_is_withdrawn",
        lambda: Post.objects.filter(pk=post.pk).update(trashed_at=make.LONG_AGO),
    )


def test_it_counts_a_missed_search_once_a_day():
    MissedSearch.objects.create(words="raft", day="2026-03-01", times=1)
    refused_by(
        "missedsearch_once_a_day",
        lambda: MissedSearch.objects.create(words="raft", day="2026-03-01", times=1),
    )
