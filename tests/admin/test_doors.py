"""Every address of the admin, each about a row of its own, and who is let in. An address that the table does not name
fails: whoever adds one says for whom it is."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, reverse
from django.utils import timezone

from blog.models import Address, Event, FigureVersion, Post, Series, Tag
from blog.publishing import bulk, contents, editing, trash
from tests import make

from .test_access import OPEN, SENT, patterns, state

ROLES = ("nobody", "operator", "author", "editor", "publisher")
EDITORS, WRITERS, STAFF = "editor publisher", "author editor publisher", " ".join(ROLES)
WHO = {
    # What is the signed-in user's own.
    STAFF: """second_factor sign_in enrol enrol_qr index password_change password_change_done autocomplete view_on_site
        blog_post_keeping_token blog_post_zone""",
    "operator author editor publisher": "app_list",
    "operator": """auth_user_password_change auth_user_changelist auth_user_add auth_user_history auth_user_delete
        auth_user_change auth_group_changelist auth_group_history auth_group_change blog_event_changelist
        blog_event_export blog_event_history blog_event_change blog_address_delete""",
    "operator editor publisher": "blog_address_changelist blog_address_change blog_address_history",
    # Of posts these are about new ones, or about one's own.
    WRITERS: """blog_post_preview_new blog_post_copy_new blog_post_copy_difference_new blog_post_copy_discard_new
        blog_post_copy_back_new blog_post_calendar blog_post_trash blog_post_writing_page_new blog_post_writing_figures
        blog_post_writing_figures_add blog_post_writing_posts blog_post_writing_tags blog_post_changelist blog_post_add
        blog_figure_states blog_figure_upload blog_figure_add blog_figure_changelist blog_figure_change
        blog_figure_history blog_figure_uses blog_figure_source blog_operation_changelist
        blog_operation_change blog_operation_history blog_author_changelist blog_author_change blog_author_history
        blog_category_changelist blog_category_change blog_category_history blog_tag_changelist blog_tag_change
        blog_tag_history blog_series_changelist blog_series_change blog_series_history blog_learningpath_changelist
        blog_learningpath_change blog_learningpath_history blog_learninglevel_changelist blog_learninglevel_change
        blog_learninglevel_history""",
    # Of somebody else's post.
    EDITORS: """blog_post_preview blog_post_compare blog_post_restore blog_post_name blog_post_copy
        blog_post_copy_difference blog_post_copy_discard blog_post_copy_back blog_post_presence blog_post_merge
        blog_post_reports blog_post_coverage blog_post_old blog_post_undescribed blog_post_missed blog_post_review
        blog_post_links blog_post_untrash blog_post_delete_for_good blog_post_writing_page blog_post_history
        blog_post_delete blog_post_change blog_operation_undo
        blog_author_merge blog_author_rename blog_author_add blog_author_delete
        blog_category_merge blog_category_rename blog_category_add blog_category_delete
        blog_tag_merge blog_tag_rename blog_tag_add blog_tag_delete
        blog_series_merge blog_series_rename blog_series_add blog_series_delete
        blog_learningpath_add blog_learningpath_delete
        blog_figure_original blog_figure_replace blog_figure_compare blog_figure_put_back blog_figure_again blog_figure_delete""",
    "publisher": "blog_post_move blog_post_move_undo blog_learninglevel_add blog_learninglevel_delete",
    # Administrators only.
    "": """blog_event_add blog_event_delete auth_group_add auth_group_delete blog_address_add blog_operation_add
        blog_operation_delete django_tasks_database_dbtaskresult_changelist django_tasks_database_dbtaskresult_add
        django_tasks_database_dbtaskresult_history django_tasks_database_dbtaskresult_delete
        django_tasks_database_dbtaskresult_change""",
}
# To those who are not let in, what these are about is not there.
HIDDEN = {
    "app_list",
    "blog_operation_history",
    "blog_post_move_undo",
    "django_tasks_database_dbtaskresult_history",
}
# What these show is asked for by a parameter, or by a page before them.
ASKING = {"autocomplete", "enrol_qr"}
LET_IN = {name: set(who.split()) for who, names in WHO.items() for name in names.split()}
DOORS = [one for one in patterns() if one.name not in OPEN and one.name is not None]


@pytest.fixture(scope="module")
def rows(module_rows):
    """Somebody else's rows: the key of one for each beginning of the addresses' names."""
    at, writer = timezone.now(), get_user_model().objects.create_user("writer", is_staff=True)
    figure = make.figure()
    figure.original.save("drawing.png", SimpleUploadedFile("drawing.png", make.png()))
    version = FigureVersion.objects.create(
        figure=figure, image=figure.image.name, width=640, height=400, original=figure.original.name, content_hash="0" * 64, at=at,
    )  # fmt: skip
    post = make.post("Theirs", status=Post.Status.DRAFT, tags=["queues"])
    thrown = make.post("Thrown away", slug="thrown", status=Post.Status.DRAFT)
    Post.objects.update(created_by=writer)
    trash.put(Post.objects.get(pk=thrown.pk), at=at, by=writer)
    was = contents.read(post)
    aside = editing.set_aside(post, was | {"title": "Mine"}, seen=1, at=at, by=writer)
    dated = make.post("Dated", slug="dated", status=Post.Status.DRAFT)
    done = bulk.carry_out(bulk.LEVEL, [dated.pk], make.level(400).pk, at=at, by=writer).operation
    keys = {
        "blog_post": post.pk, "blog_post_untrash": thrown.pk, "blog_post_delete_for_good": thrown.pk,
        "blog_figure": figure.pk, "blog_category": make.category("storage").pk, "blog_author": make.author().pk,
        "blog_tag": Tag.objects.get().pk, "blog_series": Series.objects.create(title="S", slug="s").pk,
        "blog_learningpath": make.path("A path", "a-path").pk, "blog_learninglevel": make.level(100).pk,
        "blog_operation": done.pk, "blog_address": Address.objects.create(path="/former/", post=post).pk,
        "blog_event": Event.objects.order_by("pk").first().pk, "auth_user": writer.pk,
        "auth_group": Group.objects.create(name="a group").pk,
    }  # fmt: skip
    return keys, {
        "aside": aside.pk,
        "version": version.pk,
        "operation": done.pk,
        "shape": "csv",
    }


def address(one: URLPattern, rows) -> str:
    keys, others = rows
    if one.name == "app_list":
        return "/admin/blog/"
    begins = [begin for begin in keys if one.name.startswith(begin)]
    key = keys[max(begins, key=len)] if begins else 1
    given = {name: others.get(name, key) for name in one.pattern.converters}
    ids = f"?ids={key}" if one.name.endswith("_merge") and not given else ""
    return reverse(f"admin:{one.name}", kwargs=given) + ids


def answers(client, url: str) -> list[int]:
    """The statuses of GET, and of POST as a form or, where that is no way to ask, as a script's request."""
    got, sent = client.get(url), client.post(url, SENT)
    if sent.status_code == 400:
        sent = client.post(url, SENT, content_type="application/json")
    # Django leads home from a row that is not there.
    return [404 if one.headers.get("Location") == "/admin/" else one.status_code for one in (got, sent)]


def test_the_table_names_every_address_once():
    assert sorted(one.name for one in DOORS) == sorted(LET_IN)
    assert sum(len(names.split()) for names in WHO.values()) == len(LET_IN)


@pytest.mark.parametrize("role", ROLES)
def test_who_is_not_let_in_reads_and_changes_nothing(cast, rows, role):
    client, wrong, before = cast(role), {}, state()
    for one in (one for one in DOORS if role not in LET_IN[one.name]):
        found = answers(client, address(one, rows))
        if not set(found) <= {403, 405, 404 if one.name in HIDDEN else 403}:
            wrong[one.name] = found
    assert wrong == {}
    assert state() == before


@pytest.mark.parametrize("role", ["operator", "author", "editor", "publisher"])
def test_nobody_who_is_let_in_is_sent_away_at_the_door(cast, rows, role):
    client = cast(role)
    open_to = [one for one in DOORS if role in LET_IN[one.name] and one.name not in ASKING]
    assert [one.name for one in open_to if client.get(address(one, rows)).status_code in {403, 500}] == []
