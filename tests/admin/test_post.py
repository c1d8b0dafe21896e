from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog.models import Address, Placement, Post, Series
from tests import make

from .conftest import address, fields, rows, said

LIST = "/admin/blog/post/"
DRAFT = Post.Status.DRAFT


def soon(days: int = 1):
    return timezone.now().replace(microsecond=0) + timedelta(days=days)


def dated(when) -> dict[str, str]:
    return {"published_at_0": f"{when:%Y-%m-%d}", "published_at_1": f"{when:%H:%M:%S}"}


# --- The list


def crowd(number: int) -> None:
    lead = make.figure(f"lead-{number}")
    for n in range(number):
        make.post(
            lead_figure=lead, tags=["queues"], authors=[make.author(), make.author(f"Author {number} {n}")]
        )


def test_it_lists_posts_in_as_many_queries_however_many_there_are(editor):
    crowd(5)
    editor.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert editor.get(LIST).status_code == 200
    crowd(45)
    with CaptureQueriesContext(connection) as many:
        response = editor.get(LIST)
    assert response.content.count(b'class="field-title"') == 50
    assert len(many) == len(few) <= 15, "\n".join(q["sql"][:200] for q in many)


def test_it_filters_in_as_many_queries_however_many_posts_there_are(editor):
    crowd(5)
    query = f"{LIST}?category=storage&tag=queues&author=ada-ferrant&state=live&q=how+a+thing"
    with CaptureQueriesContext(connection) as few:
        assert "5 posts" in editor.get(query).content.decode()
    crowd(25)
    with CaptureQueriesContext(connection) as many:
        assert "30 posts" in editor.get(query).content.decode()
    assert len(many) == len(few) <= 18


@pytest.mark.parametrize(
    ("over", "shown"),
    [
        ({}, "Live"),
        ({"status": "draft"}, "Draft"),
        ({"status": "review"}, "In review"),
        ({"status": "withdrawn"}, "Withdrawn"),
        ({"expires_at": make.LONG_AGO + timedelta(days=1)}, "Expired"),
        ({"at": soon(5)}, "Scheduled for"),
    ],
)
def test_it_says_what_a_post_is_to_readers(editor, over, shown):
    make.post("One", **over)
    key = {"Scheduled for": "scheduled", "In review": "review"}.get(shown, shown.lower())
    make.post("Other", status="withdrawn" if key != "withdrawn" else "draft")
    page = editor.get(f"{LIST}?state={key}").content.decode()
    assert f'<span class="state state-{key}">{shown}' in page
    assert ">One</a>" in page
    assert ">Other</a>" not in page


@pytest.mark.parametrize("value", ["slug", "pk"])
def test_it_filters_by_what_was_chosen_or_typed_and_keeps_the_other_filters(editor, value):
    inner = make.category("storage/amazon-s3")
    author = make.author("Bo Lind")
    make.post("Inside", categories=[inner], authors=[author], tags=["Queues"])
    make.post("Outside", categories=[make.category("compute")])
    tag = Post.tags.through.tag_model().objects.get(name="Queues")
    for name, thing, typed in (
        ("category", inner.parent, "storage"),
        ("author", author, "bo-lind"),
        ("tag", tag, "queues"),
    ):
        page = editor.get(
            LIST, {name: typed if value == "slug" else thing.pk, "state": "live"}
        ).content.decode()
        assert ">Inside</a>" in page
        assert ">Outside</a>" not in page
        assert '<input type="hidden" name="state" value="live">' in page


def test_it_shows_no_posts_for_a_filter_that_names_nothing(editor):
    make.post("One")
    page = editor.get(f"{LIST}?category=nowhere").content.decode()
    assert "There is no category “nowhere”" in page
    assert ">One</a>" not in page


@pytest.mark.parametrize(
    "term", ["disaster", "disas", "recovery disaster", "one-post", "“strange” quote's", "café"]
)
def test_it_finds_posts_by_words_and_by_the_beginning_of_a_word_or_slug(editor, term):
    make.post("Disaster recovery for the “strange” quote's café", slug="one-post")
    make.post("Other")
    page = editor.get(LIST, {"q": term}).content.decode()
    assert ">Disaster recovery" in page
    assert ">Other</a>" not in page


def test_it_leads_down_to_a_day_by_the_dates_there_are(editor):
    make.post("Early", at=make.LONG_AGO - timedelta(days=400))
    make.post("Late", at=make.LONG_AGO)
    page = editor.get(LIST).content.decode()
    assert "?published_at__year=2024" in page
    assert "?published_at__year=2026" in page
    assert "?published_at__year=2025" not in page
    page = editor.get(f"{LIST}?published_at__year=2026&published_at__month=1").content.decode()
    assert "1 January" in page
    assert ">Early</a>" not in page


def test_it_lists_the_posts_of_a_year_by_their_dates(editor):
    for title, day in (("Middle", 2), ("Oldest", 1), ("Newest", 3)):
        make.post(title, at=make.LONG_AGO + timedelta(days=day))

    def titles(query):
        response = editor.get(f"{LIST}?{query}")
        listed = response.context["cl"]
        return [post.title for post in listed.result_list], listed.get_ordering_field_columns()

    assert titles("published_at__year=2026") == (["Newest", "Middle", "Oldest"], {6: "desc"})
    assert titles("published_at__year=2026&o=2")[0] == ["Middle", "Newest", "Oldest"]
    assert titles("") == (["Newest", "Oldest", "Middle"], {})


# --- Saving


def test_it_saves_an_unfinished_draft_and_says_what_is_missing_with_links(editor):
    data = fields(body="", summary="", learning_level="", categories=[], bylines=[], tags="", slug="")
    response = editor.post(address(), data | {"_continue": "Save draft"}, follow=True)
    page = response.content.decode()
    assert Post.objects.get(slug="queues-that-shed-load").status == DRAFT
    for place in ("id_summary", "id_body", "id_categories", "id_learning_level", "bylines-group"):
        assert f'<a href="#{place}"' in page
        assert f'id="{place}"' in page
    assert 'name="_withdraw"' not in page


def test_it_shows_problems_of_the_text_with_their_line(editor):
    editor.post(
        address(), fields(body="Words.\n\n##### Too deep\n\n![](figure:nowhere)\n") | {"_continue": "1"}
    )
    page = editor.get(address(Post.objects.get())).content.decode()
    assert "There is no figure “nowhere”" in page
    assert 'data-line="3"' in page


def test_it_keeps_the_text_as_typed(editor):
    editor.post(address(), fields(body="    code\r\n\r\nText\r\n") | {"_save": "1"})
    assert Post.objects.get().body == "    code\n\nText\n"


def test_it_writes_authors_series_tags_and_figures_with_the_post(editor):
    make.figure("event-bus")
    bo, ada, series = make.author("Bo Lind"), make.author(), Series.objects.create(title="S", slug="s")
    data = fields(
        body="![](figure:event-bus)\n",
        tags="Queues, queues, C++",
        bylines=[{"author": bo.pk, "position": 0}, {"author": ada.pk, "position": 1}],
        series_parts=[{"series": series.pk, "number": 2}],
    )
    assert editor.post(address(), data | {"_save": "1"}).status_code == 302
    post = Post.objects.get()
    assert [line.author for line in post.bylines.all()] == [bo, ada]
    assert sorted(post.tags.names()) == ["C++", "Queues"]
    assert Placement.objects.get(post=post).number == 1
    assert post.series_parts.get().number == 2


def test_it_lets_authors_change_places(editor):
    post = make.post(authors=[make.author(), make.author("Bo Lind")])
    first, second = post.bylines.all()
    data = fields(post, bylines=[
        {"id": first.pk, "post": post.pk, "author": second.author_id, "position": 0},
        {"id": second.pk, "post": post.pk, "author": first.author_id, "position": 1},
    ])  # fmt: skip
    assert editor.post(address(post), data | {"_save": "1"}).status_code == 302
    assert [line.author.name for line in post.bylines.all()] == ["Bo Lind", "Ada Ferrant"]


def test_it_refuses_one_author_twice(editor):
    ada = make.author().pk
    data = fields(bylines=[{"author": ada, "position": 0}, {"author": ada, "position": 1}])
    assert editor.post(address(), data | {"_save": "1"}).status_code == 200
    assert not Post.objects.exists()


def test_it_reuses_a_tag_in_any_case(editor):
    make.post(tags=["PostgreSQL"])
    editor.post(address(), fields(tags="postgresql, POSTGRESQL") | {"_save": "1"})
    assert list(Post.objects.get(slug="queues-that-shed-load").tags.names()) == ["PostgreSQL"]


@pytest.mark.parametrize("tags", ["+++", "x" * 101, "a\x00b"])
def test_it_refuses_a_tag_that_could_have_no_page(editor, tags):
    response = editor.post(address(), fields(tags=tags) | {"_save": "1"})
    assert response.status_code == 200
    assert response.context["errors"]


def test_it_refuses_a_text_that_can_not_be_rendered_and_keeps_it_in_the_form(editor, monkeypatch):
    body = "word " * 60_000
    response = editor.post(address(), fields(body=body) | {"_save": "1"})
    assert response.status_code == 200
    assert body.strip() in response.content.decode()
    assert not Post.objects.exists()


# --- Publishing


def test_it_publishes_a_complete_post_which_readers_then_find(editor, client):
    response = editor.post(address(), fields() | {"_publish": "Publish now"}, follow=True)
    post = Post.objects.get()
    assert post.is_live(timezone.now())
    assert "is live" in said(response)
    assert client.get(post.get_absolute_url()).status_code == 200
    assert f'href="{post.get_absolute_url()}"' in response.content.decode()
    assert 'name="_publish"' not in response.content.decode()
    assert LogEntry.objects.count() == 1


def test_it_saves_an_incomplete_post_instead_of_publishing_it_and_lists_what_is_missing(editor):
    response = editor.post(
        address(), fields(summary="", title="Kept", bylines=[]) | {"_publish": "1"}, follow=True
    )
    post = Post.objects.get()
    assert (post.status, post.title) == (DRAFT, "Kept")
    assert "2 things are missing" in said(response)
    assert response.redirect_chain[-1][0].endswith("/change/#missing")
    page = response.content.decode()
    assert '<section id="missing"' in page
    assert '<a href="#id_summary">' in page
    assert '<a href="#bylines-group">' in page


def test_it_schedules_a_post_for_a_date_to_come(editor, client):
    response = editor.post(address(), fields() | dated(soon()) | {"_schedule": "1"}, follow=True)
    post = Post.objects.get()
    assert post.is_scheduled(timezone.now())
    assert "will appear on" in said(response)
    assert client.get(post.get_absolute_url()).status_code == 404
    assert "View on site" not in response.content.decode()
    editor.post(address(post), fields(post) | {"_publish": "1"})
    assert client.get(post.get_absolute_url()).status_code == 200


def test_a_form_sent_without_a_slug_leads_nowhere_on_the_site(editor):
    post = make.post()
    assert "View on site" in editor.get(address(post)).content.decode()
    page = editor.post(address(post), fields(post, title="", slug="")).content.decode()
    assert "correct the error" in page and "View on site" not in page


@pytest.mark.parametrize("when", [{}, dated(soon(-1))])
def test_it_refuses_to_schedule_for_no_date_or_a_past_one(editor, when):
    response = editor.post(address(), fields() | when | {"_schedule": "1"})
    assert "choose a date and time in the future" in response.content.decode()
    assert "Because they fill up." in response.content.decode()


def test_it_withdraws_a_post_and_publishes_it_again_with_its_first_date(editor, client):
    post = make.post()
    editor.post(address(post), fields(post) | {"_withdraw": "1"})
    assert client.get(post.get_absolute_url()).status_code == 404
    post.refresh_from_db()
    assert post.status == Post.Status.WITHDRAWN
    editor.post(address(post), fields(post) | {"_publish": "1"})
    assert client.get(post.get_absolute_url()).status_code == 200
    post.refresh_from_db()
    assert post.published_at == make.LONG_AGO


def test_it_hands_a_draft_to_review_and_back(editor):
    post = make.post(status=DRAFT)
    for button, status in (("_review", "review"), ("_draft", "draft")):
        editor.post(address(post), fields(post) | {button: "1"})
        post.refresh_from_db()
        assert post.status == status


@pytest.mark.parametrize(
    "over", [{"categories": []}, {"summary": ""}, {"bylines": []}, {"learning_level": ""}, {"body": ""}]
)
def test_it_refuses_to_save_a_published_post_that_would_lack_something_and_loses_nothing(editor, over):
    post = make.post()
    response = editor.post(address(post), fields(post, **{"title": "A new title"} | over) | {"_save": "1"})
    assert response.status_code == 200
    assert response.context["errors"]
    assert 'value="A new title"' in response.content.decode()
    post.refresh_from_db()
    assert post.title != "A new title"
    assert post.categories.exists()
    assert post.bylines.exists()


def test_it_withdraws_even_a_post_that_lacks_something(editor):
    post = make.post()
    assert editor.post(address(post), fields(post, categories=[]) | {"_withdraw": "1"}).status_code == 302
    post.refresh_from_db()
    assert post.status == Post.Status.WITHDRAWN


@pytest.mark.parametrize("when", [dated(soon(3)), {"published_at_0": "", "published_at_1": ""}])
def test_it_does_not_hide_a_live_post_by_its_date(editor, when):
    post = make.post()
    assert editor.post(address(post), fields(post) | when | {"_save": "1"}).status_code == 200
    post.refresh_from_db()
    assert post.published_at == make.LONG_AGO


def test_the_status_is_no_field(editor):
    post = make.post(status=DRAFT)
    editor.post(address(post), fields(post) | {"status": "published", "_save": "1"})
    post.refresh_from_db()
    assert post.status == DRAFT


# --- Addresses


def rename(editor, post: Post, slug: str) -> None:
    post.refresh_from_db()
    assert editor.post(address(post), fields(post, slug=slug) | {"_save": "1"}).status_code == 302


def test_it_leads_from_every_former_address_in_one_hop(editor, client):
    post = make.post(slug="first")
    rename(editor, post, "second")
    rename(editor, post, "third")
    for former in ("first", "second"):
        response = client.get(f"/posts/{former}/")
        assert (response.status_code, response["Location"]) == (301, "/posts/third/")
    assert client.get("/posts/third/").status_code == 200


def test_two_posts_can_swap_their_slugs(editor, client):
    one, two = make.post("One", slug="one"), make.post("Two", slug="two")
    rename(editor, one, "between")
    rename(editor, two, "one")
    rename(editor, one, "two")
    for slug, title in (("one", b"Two"), ("two", b"One")):
        response = client.get(f"/posts/{slug}/")
        assert response.status_code == 200
        assert b"<h1" in response.content
        assert title in response.content
    assert client.get("/posts/between/")["Location"] == "/posts/two/"


def test_a_slug_that_is_used_again_wins_over_the_redirect(editor, client):
    rename(editor, make.post(slug="first"), "second")
    make.post("New", slug="first")
    assert client.get("/posts/first/").status_code == 200


def test_a_draft_leaves_no_address(editor):
    rename(editor, make.post(slug="first", status=DRAFT), "second")
    assert not Address.objects.exists()


# --- Deleting, permissions, odd input


@pytest.mark.parametrize("button", ["_save", "_publish", "_withdraw"])
def test_it_denies_the_buttons_to_those_who_may_only_look(staff, button):
    post = make.post(status=DRAFT)
    client = staff("view_post", "view_byline")
    page = client.get(address(post))
    assert page.status_code == 200
    assert b'name="_publish"' not in page.content
    assert client.post(address(post), fields(post) | {button: "1"}).status_code == 403
    client.post(LIST, {"action": "publish_selected", "_selected_action": post.pk})
    post.refresh_from_db()
    assert post.status == DRAFT


def test_a_staff_user_with_rights_on_posts_alone_can_publish(staff):
    post = make.post(status=DRAFT)
    client = staff("view_post", "change_post", "edit_any_post", "publish_post")
    assert client.post(address(post), fields(post) | {"_publish": "1"}).status_code == 302
    post.refresh_from_db()
    assert post.status == Post.Status.PUBLISHED


ODD = [
    {"title": "a\x00b"},
    {"title": "\ud800".encode("utf-8", "surrogatepass")},
    {"body": "\x00"},
    {"body": "x" * 300_000},
    {"slug": "../../x"},
    {"slug": "Ünïcødé-слово"},
    {"title": "x" * 201},
    {"categories": ["abc"]},
    {"categories": ["9" * 40]},
    {"learning_level": "abc"},
    {"learning_level": "99999999999999999999999999"},
    {"lead_figure": "\x00"},
    {"published_at_0": "0001-01-01", "published_at_1": "00:00:00"},
    {"published_at_0": "9999-12-31", "published_at_1": "23:59:59"},
    {"expires_at_0": "0001-01-01", "expires_at_1": "00:00:00"},
    {"published_at_0": "\x00", "published_at_1": "99:99"},
    {"canonical_url": "javascript:alert(1)"},
    {"canonical_url": "http://[::1"},
    {"language": "\x00"},
    {"tags": '"' * 99},
    {"bylines-TOTAL_FORMS": "x"},
    {"bylines-0-author": "abc"},
    {"bylines-0-position": "99999999999"},
    {"bylines-0-id": "77"},
]  # fmt: skip


ZONES = ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"]


@pytest.mark.parametrize(
    ("over", "time_zone"),
    [(over, zone) for over in ODD for zone in ZONES if zone == "UTC" or any("_at_" in name for name in over)],
)
def test_odd_input_is_answered_with_a_page(editor, settings, over, time_zone):
    settings.TIME_ZONE = time_zone
    timezone.get_default_timezone.cache_clear()
    try:
        for target in (address(), address(page="preview")):
            response = editor.post(target, fields() | over | {"_publish": "1"})
            assert response.status_code in {200, 302, 400}, response.content[:3000]
        for post in Post.objects.all():
            assert editor.get(address(post)).status_code == 200
        assert editor.get(LIST).status_code == 200
    finally:
        timezone.get_default_timezone.cache_clear()


@pytest.mark.parametrize(
    "query",
    [
        "p=x", "p=-4", "p=99999999999999999999999", "o=9.9.-9", "o=x", "q=%00", "q=%ff%fe", "q=%22%22%27%27%3A%2A%26%21",
        "q=" + "x%20" * 2000, "category=%f0%9f%92%a9", "category=99999999999999999999999", "tag='", "author=-1", "state=nope",
        "learning_level__id__exact=abc", "learning_level__id__exact=99999999999999999999", "published_at__year=0",
        "published_at__year=9999", "published_at__year=9999&published_at__month=12&published_at__day=31",
        "published_at__year=x", "published_at__month=3", "published_at__year=2026&published_at__month=77",
        "published_at__year=2026&published_at__day=5", "published_at__day=5", "published_at__gte=x", "nonsense=1", "_to_field=body",
        "_popup=1", "all=", "published_at__year=", "published_at__year=2026&published_at__month=", "e=1",
    ],
)  # fmt: skip
def test_odd_queries_are_answered_with_a_page(editor, query):
    make.post()
    assert editor.get(f"{LIST}?{query}", follow=True).status_code in {200, 400}


@pytest.mark.parametrize(
    "path",
    [
        "99999999999999999999999/change/", "abc/change/", "1e9/preview/", "_5F/change/", "add/?categories=abc&learning_level=x",
        "add/?lead_figure=99999999999999999999999&tags=x&published_at=never&series=1&bylines=3", "77/preview/", "77/delete/", "77/history/",
    ],
)  # fmt: skip
def test_odd_addresses_are_answered_with_a_page(editor, path):
    for ask in (editor.get, editor.post):
        assert ask(f"{LIST}{path}", follow=True).status_code in {200, 400, 403, 404, 405}


@pytest.mark.parametrize(
    "query",
    [
        "app_label=blog&model_name=post&field_name=categories&term=%f0%9f%92%a9",
        "app_label=blog&model_name=post&field_name=nope",
        "app_label=blog&model_name=post&field_name=categories&page=x",
        "app_label=blog&model_name=seriespart&field_name=post&term=thing&page=99",
        "app_label=blog&model_name=seriespart&field_name=post&term='",
        "",
    ],
)
def test_odd_autocompletes_are_answered_without_a_crash(editor, query):
    assert editor.get(f"{reverse('admin:autocomplete')}?{query}").status_code in {200, 403, 404}


def test_a_row_of_another_post_is_not_taken(editor):
    other = make.post()
    mine = make.post()
    stolen = other.bylines.get()
    data = fields(mine) | rows(
        "bylines", {"id": stolen.pk, "post": mine.pk, "author": stolen.author_id, "position": 0}
    )
    assert editor.post(address(mine), data | {"_save": "1"}).status_code in {200, 302}
    assert other.bylines.count() == 1


def test_what_is_written_from_right_to_left_is_shown_so(editor):
    page = editor.get(address()).content.decode()
    for name in ("title", "body", "summary", "editors_note"):
        field = next(
            one for one in page.split("<") if f'id="id_{name}"' in one and one[:5] in {"input", "texta"}
        )
        assert 'dir="auto"' in field, name
