"""Who is let in where. The addresses are read from the admin itself, so that a new one is probed without being named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse

from blog.admin import access
from blog.models import Comment, Figure, Post
from tests import make

from .conftest import address, fields, said

DRAFT = Post.Status.DRAFT
LIST = "/admin/blog/post/"
# What Django's own admin answers to anybody.
OPEN = {"login", "logout", "jsi18n"}
# What is the signed-in user's own.
PERSONAL = {"blog_post_keeping_token", "blog_post_zone"}
# Pages that only show, whatever is sent to them.
READING = {"blog_post_compare", "blog_post_history", "blog_post_presence"}
SENT = {"do": "comment", "text": "x", "post": "yes", "tab": "t-1"}


def patterns(found=None) -> Iterator[URLPattern]:
    for one in site.get_urls() if found is None else found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


def path_of(one: URLPattern, pk: int) -> str:
    """The address of the pattern, about the row with this key."""
    given = dict.fromkeys(one.pattern.converters, pk)
    if one.name == "app_list":
        given = {"app_label": "blog"}
    if one.name is None:  # Django's former addresses of forms, and its answer to all others
        return f"{LIST}{pk}/"
    return reverse(f"admin:{one.name}", kwargs=given)


ALL = [one for one in patterns() if one.name not in OPEN]
OF_A_POST = [
    one for one in ALL if str(one.name).startswith("blog_post_") and "object_id" in one.pattern.converters
]


def state() -> dict[str, object]:
    """How many rows there are of everything, and the version of each post."""
    counted = {
        one._meta.label: one._default_manager.count()
        for one in apps.get_app_config("blog").get_models()
        if one._meta.model_name != "presence"
    }
    return counted | {
        "posts": list(Post.objects.order_by("pk").values_list("pk", "version", "status", "title"))
    }


@contextmanager
def nothing_written():
    before = state()
    yield
    assert state() == before


def probe(client: Client, one: URLPattern, pk: int) -> list[int]:
    """The statuses of the answers to GET and to POST."""
    url = path_of(one, pk)
    statuses = [client.get(url).status_code, client.post(url, SENT).status_code]
    if statuses[1] == 400:  # it is asked by a script
        statuses[1] = client.post(url, SENT, content_type="application/json").status_code
    return statuses


@pytest.fixture
def theirs(db) -> Post:
    """Somebody else's draft."""
    writer = get_user_model().objects.create_user("writer", is_staff=True)
    post = make.post("Theirs", status=DRAFT)
    Post.objects.filter(pk=post.pk).update(created_by=writer)
    return Post.objects.get(pk=post.pk)


def test_it_knows_addresses_to_probe():
    names = {one.name for one in OF_A_POST}
    assert {
        "blog_post_change",
        "blog_post_delete",
        "blog_post_review",
        "blog_post_history",
        "blog_post_preview",
    } <= names


def test_nobody_who_is_not_signed_in_is_let_in_anywhere(client, theirs):
    with nothing_written():
        for one in ALL:
            for answer in (client.get(path_of(one, theirs.pk)), client.post(path_of(one, theirs.pk), SENT)):
                assert answer.status_code in {302, 401, 403, 404, 405}, one.name
                if answer.status_code == 302 and one.name is not None:
                    assert "/login/" in answer["Location"], one.name


@pytest.mark.parametrize("role", ["nobody", "operator", "author"])
def test_without_a_role_in_it_a_post_is_neither_seen_nor_touched(cast, theirs, role):
    client = cast(role)
    with nothing_written():
        for one in OF_A_POST:
            statuses = probe(client, one, theirs.pk)
            assert set(statuses) <= {403, 405}, (one.name, statuses)
            assert 403 in statuses, (one.name, statuses)


@pytest.mark.parametrize("status", ["review", "published", "withdrawn"])
def test_a_post_of_somebody_else_is_closed_to_authors_in_every_state(cast, theirs, status):
    Post.objects.filter(pk=theirs.pk).update(status=status)
    client = cast("author")
    for page in ("change", "delete", "history", "review"):
        assert client.get(address(theirs, page)).status_code == 403, page


def test_without_a_role_nothing_of_the_blog_opens(cast, theirs):
    client = cast("nobody")
    with nothing_written():
        for one in ALL:
            if str(one.name).startswith("blog_") and one not in OF_A_POST and one.name not in PERSONAL:
                statuses = probe(client, one, theirs.pk)
                assert set(statuses) <= {302, 403, 404, 405}, (one.name, statuses)


def test_who_may_only_look_writes_nothing(staff, theirs):
    client = staff("view_post")
    with nothing_written():
        for one in OF_A_POST:
            _, status = probe(client, one, theirs.pk)
            assert status in {403, 404, 405} or one.name in READING, (one.name, status)


# --- The author


def own_draft(client: Client, **over) -> Post:
    post = make.post(status=DRAFT, **over)
    Post.objects.filter(pk=post.pk).update(created_by=client.user)
    return Post.objects.get(pk=post.pk)


def test_an_author_begins_changes_and_deletes_own_drafts(cast):
    client = cast("author")
    assert client.post(address(), fields() | {"_continue": "1"}).status_code == 302
    post = Post.objects.get()
    assert post.created_by == client.user
    page = client.get(address(post)).content.decode()
    assert 'name="_review"' in page
    for button in access.PUBLISHING:
        assert f'name="{button}"' not in page
    assert client.post(address(post), fields(post, title="Better") | {"_save": "1"}).status_code == 302
    assert client.post(address(post), fields(Post.objects.get()) | {"_review": "1"}).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.status) == ("Better", "review")
    assert client.post(address(post, "delete"), {"post": "yes"}).status_code == 302


def test_a_byline_makes_a_post_ones_own_until_it_is_published(cast, theirs):
    client = cast("author")
    ada = make.author("Ada Own", user=client.user)
    assert client.get(address(theirs)).status_code == 403
    theirs.bylines.create(author=ada, position=9)
    assert client.get(address(theirs)).status_code == 200
    Post.objects.filter(pk=theirs.pk).update(status="published")
    assert client.post(address(theirs), fields(theirs) | {"_save": "1"}).status_code == 403
    assert client.post(address(theirs, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("button", sorted(access.PUBLISHING))
@pytest.mark.parametrize("role", ["author", "editor"])
def test_pressing_a_publishers_button_by_hand_is_refused_with_a_page(cast, role, button):
    client = cast(role)
    post = own_draft(client)
    new, former = fields() | {button: "1"}, fields(post) | {button: "1"}
    before = state()
    response = client.post(address(post), former)
    assert response.status_code == 403
    assert "Publishing is for publishers" in response.content.decode()
    assert client.post(address(), new).status_code == 403
    assert state() == before


@pytest.mark.parametrize("role", ["author", "editor"])
def test_bulk_publishing_is_refused(cast, theirs, role):
    client = cast(role)
    mine = own_draft(client)
    page = client.get(LIST).content.decode()
    for action in ("publish_selected", "withdraw_selected"):
        assert f'value="{action}"' not in page
        response = client.post(LIST, {"action": action, "_selected_action": [mine.pk, theirs.pk]})
        assert response.status_code == 403
    assert set(Post.objects.values_list("status", flat=True)) == {"draft"}


def test_the_status_and_dates_of_a_post_are_no_way_around(cast):
    client = cast("editor")
    post = own_draft(client)
    long_ago = {"published_at_0": "2020-01-01", "published_at_1": "00:00:00"}
    assert (
        client.post(
            address(post), fields(post) | long_ago | {"status": "published", "_save": "1"}
        ).status_code
        == 302
    )
    post.refresh_from_db()
    assert post.status == DRAFT
    live = make.post("Live")
    gone = {"expires_at_0": "2026-01-02", "expires_at_1": "00:00:00"}
    client.post(address(live), fields(live) | gone | {"_save": "1"})
    live.refresh_from_db()
    assert live.expires_at is None


def test_an_editor_who_saves_a_live_post_leaves_a_draft_on_top(cast):
    client, live = cast("editor"), make.post("Live")
    for button, shown in (("_save", LIST), ("_continue", address(live))):
        sent = fields(live, title="Other words") | {button: "1"}
        answer = client.post(address(live), sent, follow=True)
        assert answer.redirect_chain == [(shown, 302)]
        assert "saved as a draft; readers keep the present version" in said(answer)
    live.refresh_from_db()
    assert live.title == "Live"
    assert live.draft.content["title"] == "Other words"
    assert client.post(address(live), fields(live) | {"_publish": "1"}).status_code == 403
    publisher = cast("publisher")
    assert (
        publisher.post(address(live), fields(live, title="Other words") | {"_publish": "1"}).status_code
        == 302
    )
    live.refresh_from_db()
    assert live.title == "Other words"


def test_only_a_publisher_tells_the_readers_of_a_live_post_what_changed(cast):
    live = make.post("Live")
    row = {"made_at_0": "2026-02-01", "made_at_1": "10:00:00", "sentence": "New numbers."}
    for role, told in (("editor", 0), ("publisher", 1)):
        response = cast(role).post(address(live), fields(live, changes=[row]) | {"_save": "1"})
        assert (response.status_code, live.changes.count()) == (302, told)


def test_deleting_what_readers_know_is_for_publishers(cast):
    live = make.post()
    assert cast("editor").post(address(live, "delete"), {"post": "yes"}).status_code == 403
    assert cast("publisher").get(address(live, "delete")).status_code == 200


def test_an_author_finds_own_posts_in_the_list_and_refers_to_published_ones(cast, theirs):
    client = cast("author")
    mine, live = own_draft(client, title="Mine"), make.post("Live")
    page = client.get(LIST).content.decode()
    assert f'href="{address(mine)}"' in page
    for other in (live, theirs):
        assert f'href="{address(other)}"' not in page
    query = "app_label=blog&model_name=relatedpost&field_name=other"
    offered = {
        one["text"] for one in client.get(f"{reverse('admin:autocomplete')}?{query}").json()["results"]
    }
    assert offered == {mine.title, live.title}


def test_an_author_uploads_figures_and_changes_none(cast):
    client, figure = cast("author"), make.figure("event-bus")
    assert client.get(reverse("admin:blog_figure_add")).status_code == 200
    url = reverse("admin:blog_figure_change", args=[figure.pk])
    assert client.post(url, {"caption": "Mine now"}).status_code == 403
    assert (
        client.post(reverse("admin:blog_figure_delete", args=[figure.pk]), {"post": "yes"}).status_code == 403
    )
    assert Figure.objects.get().caption != "Mine now"


def test_an_author_files_nothing_anew(cast):
    client = cast("author")
    for model in ("category", "tag", "series", "author", "learninglevel"):
        assert (
            client.post(reverse(f"admin:blog_{model}_add"), {"name": "x", "slug": "x"}).status_code == 403
        ), model


# --- The operator


def test_an_operator_makes_no_administrator_and_gives_oneself_nothing(cast):
    client = cast("operator")
    call_command("createsuperuser", username="root", email="root@example.org", interactive=False, verbosity=0)
    root = get_user_model().objects.get(username="root")
    for page in ("change", "delete"):
        assert (
            client.post(reverse(f"admin:auth_user_{page}", args=[root.pk]), {"post": "yes"}).status_code
            == 403
        )
    assert client.post(reverse("admin:auth_user_password_change", args=[root.pk]), {}).status_code == 403
    ada = get_user_model().objects.create_user("ada")
    group = client.user.groups.model.objects.get(name="publisher")
    for user in (ada, client.user):
        data = {
            "username": user.username, "is_active": "on", "is_staff": "on", "is_superuser": "on",
            "groups": [group.pk], "user_permissions": [1], "date_joined_0": "2026-01-01", "date_joined_1": "00:00:00",
        }  # fmt: skip
        assert client.post(reverse("admin:auth_user_change", args=[user.pk]), data).status_code in {302, 403}
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()
    assert list(ada.groups.all()) == [group]
    assert "publisher" not in client.user.groups.values_list("name", flat=True)


# --- The functions


def test_the_answers_cost_one_query_at_most(cast, theirs):
    user = get_user_model().objects.get(pk=cast("author").user.pk)
    user.has_perm("blog.change_post")
    with CaptureQueriesContext(connection) as asked:
        for ask in (
            access.may_see,
            access.may_edit,
            access.may_publish,
            access.may_review,
            access.may_delete,
        ):
            assert not ask(user, theirs)
    assert len(asked) == 1


def test_nobody_judges_own_posts(cast, theirs):
    editor = cast("editor")
    assert access.may_review(editor.user, theirs)
    assert not access.may_review(editor.user, own_draft(editor))
    assert not Comment.objects.exists()
