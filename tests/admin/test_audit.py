import csv
import io
import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

from blog.models import Event, Tag
from blog.publishing import audit
from tests import make

LOG = "/admin/blog/event/"


def verbs(**where):
    return list(Event.objects.filter(**where).order_by("pk").values_list("verb", flat=True))


def body(response):
    return b"".join(response.streaming_content).decode()


def test_it_lists_and_filters_in_as_many_queries_however_long_it_is(
    editor, now, django_assert_max_num_queries
):
    tag = Tag.objects.create(name="queues", slug="queues")
    for n in range(30):
        audit.record("tag.renamed" if n % 2 else "tag.added", tag, by=None, at=now, n=n)
    editor.get(LOG)
    with django_assert_max_num_queries(12):
        page = editor.get(f"{LOG}?verb=tag.renamed&by=none")
    assert page.context["cl"].result_count == 15
    assert f'href="/admin/blog/tag/{tag.pk}/change/"' in page.content.decode()
    assert editor.get(f"{LOG}?kind__exact=tag&thing__exact={tag.pk}").context["cl"].result_count == 30
    assert editor.get(f"{LOG}?days=7&verb=tag.added").context["cl"].result_count == 0


def test_it_exports_what_the_list_shows(editor, now, monkeypatch):
    monkeypatch.setattr("blog.publishing.audit.BATCH", 2)
    for n in range(5):
        audit.record("tag.added", None, by=None, at=now, n=n)
    audit.record("tag.gone", None, by=None, at=now)
    lines = [json.loads(line) for line in body(editor.get(f"{LOG}export/jsonl/?verb=tag.added")).splitlines()]
    assert [line["details"]["n"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[0]["at"] == "2026-03-01T12:00:00+00:00"
    answer = editor.get(f"{LOG}export/csv/?verb=tag.added")
    assert "attachment" in answer["Content-Disposition"] and "no-store" in answer["Cache-Control"]
    head, *rows = csv.reader(io.StringIO(body(answer)))
    assert head == ["at", "who", "verb", "kind", "thing", "title", "details"] and len(rows) == 5
    assert editor.get(f"{LOG}export/xml/").status_code == 404


def test_it_can_be_read_only(editor, now):
    audit.record("x", None, by=None, at=now)
    line = Event.objects.order_by("pk").last()
    assert editor.get(f"{LOG}add/").status_code == 403
    assert editor.post(f"{LOG}{line.pk}/change/", {"verb": "y"}).status_code == 403
    assert editor.post(f"{LOG}{line.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", ["", "export/csv/", "export/jsonl/"])
def test_it_is_shown_to_those_who_may_read_it_only(staff, client, page):
    assert client.get(LOG + page).status_code == 302
    reader = staff("change_post", "view_post")
    assert reader.get(LOG + page).status_code == 403
    user = reader.get("/admin/blog/post/").wsgi_request.user
    user.user_permissions.add(Permission.objects.get(codename="view_event"))
    assert reader.get(LOG + page).status_code == 200


@pytest.mark.parametrize(
    "query", ["?days=x", "?by=x", f"?by={10**30}", "?verb=%00", "?thing__exact=x", "?p=0"]
)
def test_it_takes_odd_filters(editor, query):
    assert editor.get(LOG + query).status_code in {200, 302, 400}


def test_it_logs_what_is_added_changed_and_deleted(editor):
    url = "/admin/blog/tag/"
    editor.post(f"{url}add/", {"name": "cues", "slug": "cues"})
    tag = Tag.objects.get()
    editor.post(f"{url}{tag.pk}/change/", {"name": "queues", "slug": "queues"})
    editor.post(f"{url}{tag.pk}/delete/", {"post": "yes"})
    assert verbs(kind="tag") == ["tag.added", "tag.renamed", "tag.changed", "tag.deleted"]
    assert Event.objects.get(verb="tag.deleted").title == "queues"
    assert set(Event.objects.filter(kind="tag").values_list("who_name", flat=True)) == {"editor"}


def test_it_logs_rights_and_no_password(editor):
    user, group = (
        get_user_model().objects.create_user("bo", password="Xk2!quite-secret"),
        Group.objects.create(name="g"),
    )
    page = editor.get(f"/admin/auth/user/{user.pk}/change/")
    form = {k: v for k, v in page.context["adminform"].form.initial.items() if v is not None}
    form |= {
        "groups": [group.pk],
        "is_staff": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "09:00:00",
    }
    response = editor.post(f"/admin/auth/user/{user.pk}/change/", form)
    assert response.status_code == 302, response.context["errors"]
    line = Event.objects.get(verb="user.rights_changed")
    assert line.details["groups"] == ["g"] and line.title == "bo"
    assert "secret" not in json.dumps(list(Event.objects.values_list("details", flat=True)))


def test_it_logs_logins_and_refusals_without_what_was_typed(client, db):
    get_user_model().objects.create_superuser("ada", password="right")
    for name, password in (
        ("ada", "wrong"),
        ("hunter2-typed-into-the-wrong-field", "x"),
        ("a\ud800", "x"),
        ("ada", "right"),
    ):
        client.post(
            "/admin/login/", {"username": name.encode(errors="replace").decode(), "password": password}
        )
    client.post("/admin/logout/")
    assert verbs() == ["login.failed"] * 3 + ["login.succeeded", "login.ended"]
    titles = list(Event.objects.order_by("pk").values_list("title", flat=True))
    assert titles == ["ada", "", "", "ada", "ada"]


def test_refusals_do_not_fill_the_log(client, db, monkeypatch):
    monkeypatch.setattr("blog.admin.logins.MOST_REFUSALS", 2)
    for _ in range(4):
        client.post("/admin/login/", {"username": "x", "password": "y"})
    assert verbs() == ["login.failed"] * 2


def test_a_post_leaves_one_line_a_deed(editor, now):
    post = make.post(status="draft")
    assert verbs(kind="post", thing=post.pk) == ["post.saved"]
