"""Words that were typed and not saved, and who else has a post open."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Post, Presence, WorkingCopy
from blog.publishing import keeping
from tests import make

from .conftest import address, fields

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def post(db):
    return make.post("Queues", status="draft")


def door(post=None, name="copy"):
    return (
        reverse(f"admin:blog_post_{name}", args=[post.pk]) if post else reverse(f"admin:blog_post_{name}_new")
    )


def lists(data):
    """Posted fields as the browser keeps them."""
    return {
        name: [str(v) for v in (value if isinstance(value, list) else [value])]
        for name, value in data.items()
    }


def send(client, post=None, **over):
    """One request of a tab; `form` may name just what differs from the form of the post."""
    form = over.pop("form", {"body": ["Typed."]})
    words = {"tab": "a", "sequence": 1, "number": 0, "seen": post.version if post else 0, "form": form}
    words |= {} if post else {"key": "k1"}
    return client.post(door(post), json.dumps(words | over), content_type=JSON, HTTP_ACCEPT=JSON)


def whole(post, **over):
    return lists(fields(post, **over))


def copy():
    return WorkingCopy.objects.get(discarded_at=None)


def xmin():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, xmin::text, xmax::text FROM blog_post ORDER BY id")
        return cursor.fetchall()


# --- Keeping


def test_it_keeps_what_was_typed_and_touches_nothing_else(editor, post, django_assert_num_queries):
    before = xmin()
    with django_assert_num_queries(4):  # session, account, post, and the copy
        answer = send(editor, post, form={"title": ["Half a ti"], "body": ["\x00One\r\ntwo \ud83d"]})
    assert answer.status_code == 200
    assert answer.json()["number"] == 1
    kept = copy()
    assert answer.json()["saved_at"] == kept.saved_at.isoformat()
    assert kept.form == {"title": ["Half a ti"], "body": ["One\ntwo ?"]}
    assert (kept.post, kept.seen_version) == (post, post.version)
    assert xmin() == before
    assert post.revisions.count() == 1
    post.refresh_from_db()
    assert post.body == "## First\n\nA paragraph.\n"


def test_it_keeps_a_new_post_under_the_key_of_its_form(editor):
    assert send(editor, form={"title": ["New"]}).status_code == 200
    assert send(editor, form={"title": ["Other"]}, key="k2").status_code == 200
    assert send(editor, form={"title": ["New 2"]}, sequence=2).json()["number"] == 2
    assert sorted(WorkingCopy.objects.values_list("key", "post")) == [("k1", None), ("k2", None)]
    assert not Post.objects.exists()


def test_a_request_that_comes_late_or_twice_changes_nothing(editor, post):
    send(editor, post, sequence=7, form={"body": ["newer"]})
    for sequence in (7, 3):
        answer = send(editor, post, sequence=sequence, form={"body": ["older"]})
        assert (answer.status_code, answer.json()["number"]) == (200, 1)
    assert copy().form == {"body": ["newer"]}


def test_another_tab_is_told_of_words_it_has_not_seen_and_writes_over_none(editor, post):
    send(editor, post, form={"body": ["first tab"]})
    refused = send(editor, post, tab="b", form={"body": ["second tab"]})
    assert refused.status_code == 409
    assert refused.json()["form"] == {"body": ["first tab"]}
    assert copy().form == {"body": ["first tab"]}
    seen = refused.json()["number"]
    answer = send(editor, post, tab="b", number=seen, over=True, form={"body": ["second tab"]})
    assert answer.status_code == 200
    assert copy().form == {"body": ["second tab"]}
    assert WorkingCopy.objects.exclude(discarded_at=None).get().form == {"body": ["first tab"]}
    assert send(editor, post, sequence=2, number=seen, form={"body": ["again"]}).status_code == 409


def test_two_editors_keep_their_words_apart(editor, staff, post):
    other = staff("change_post", "edit_any_post")
    assert send(editor, post, form={"body": ["mine"]}).status_code == 200
    assert send(other, post, form={"body": ["theirs"]}).status_code == 200
    assert WorkingCopy.objects.count() == 2


@pytest.mark.parametrize(
    ("over", "status"),
    [
        ({"form": {"body": "text"}}, 400),
        ({"form": {"body": [1]}}, 400),
        ({"form": None}, 400),
        ({"tab": ""}, 400),
        ({"tab": "x" * 41}, 400),
        ({"tab": "\x00"}, 400),
        ({"sequence": -1}, 400),
        ({"sequence": 10**30}, 400),
        ({"sequence": True}, 400),
        ({"number": 2**31}, 400),
        ({"seen": "x"}, 400),
        ({"form": {"body": ["x" * 2_000_001]}}, 400),
        ({"form": {"body": ["x" * 2_700_000]}}, 413),
        ({"form": {f"f{n}": [] for n in range(10_001)}}, 400),
        ({"user": 0}, 401),
    ],
)  # fmt: skip
def test_it_refuses_what_no_form_sends_with_a_sentence(editor, post, over, status):
    answer = send(editor, post, **over)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"\xff", b"[" * 100_000, b"9" * 5_000])
def test_it_refuses_a_body_that_is_none(editor, post, body):
    assert editor.post(door(post), body, content_type=JSON).status_code == 400


def test_it_tells_scripts_why_they_may_not(editor, staff, post, client):
    doors = [door(post), door(), door(post, "copy_difference"), door(post, "presence").replace("_new", "")]
    for one in doors:
        assert client.post(one, "{}", content_type=JSON).status_code == 401
    stranger = staff("view_post", "review_post", "add_post")
    for one in (door(post), door(post, "copy_difference")):
        assert stranger.post(one, "{}", content_type=JSON).status_code == 403
    assert send(editor, Post(pk=10**15)).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="editor"))
    answer = send(strict, post)
    assert (answer.status_code, answer.json()["csrf"]) == (403, True)
    token = strict.get(reverse("admin:blog_post_keeping_token")).json()["token"]
    sent = {"tab": "a", "sequence": 1, "form": {}}
    headers = {"X-CSRFToken": token}
    assert strict.post(door(post), json.dumps(sent), content_type=JSON, headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["copy_discard", "copy_back"])
def test_it_denies_what_becomes_of_words_to_those_who_may_not_write(staff, post, client, name):
    assert client.post(door(post, name)).status_code == 302
    assert staff("view_post").post(door(post, name)).status_code == 403


def test_an_author_keeps_words_for_posts_of_their_own_alone(staff, post):
    author = staff("add_post", "change_post")
    assert send(author, post).status_code == 403
    Post.objects.update(created_by=get_user_model().objects.get(username="staff"))
    assert send(author, post).status_code == 200
    assert send(author).status_code == 200
    Post.objects.update(status="published", published_at=make.LONG_AGO)
    assert send(author, post, sequence=2).status_code == 403


# --- Saving


def test_saving_the_form_drops_the_copy_and_late_requests_stay_out(editor, post):
    send(editor, post, sequence=5, form=whole(post, title="Typed"))
    hidden = {"_keeping_tab": "a", "_keeping_number": 1, "seen_version": post.version}
    answer = editor.post(address(post), fields(post, title="Saved") | hidden | {"_continue": "1"})
    assert answer.status_code == 302
    assert copy().form is None
    late = send(editor, post, sequence=6)
    assert (late.status_code, late.json()["closed"]) == (200, True)
    assert copy().form is None
    assert "unsaved changes" not in editor.get(address(post)).content.decode()
    assert send(editor, post, tab="b").status_code == 200


def test_saving_leaves_what_another_tab_has_typed_meanwhile(editor, post):
    send(editor, post, tab="b", form=whole(post, title="In the other tab"))
    hidden = {"_keeping_tab": "a", "_keeping_number": 0}
    editor.post(address(post), fields(post, title="Saved") | hidden | {"_continue": "1"})
    assert copy().form["title"] == ["In the other tab"]


def test_a_form_that_is_refused_or_only_previewed_drops_nothing(editor, post):
    send(editor, post, form=whole(post, title="Typed"))
    hidden = {"_keeping_tab": "a", "_keeping_number": 1}
    page = editor.post(address(post), fields(post, title="") | hidden | {"_continue": "1"}).content.decode()
    assert 'name="_keeping_number" value="1"' in page
    assert "data-unsent" in page
    editor.post(address(post, "preview"), fields(post) | hidden)
    assert copy().form["title"] == ["Typed"]


def test_saving_a_new_post_drops_the_copy_of_its_form(editor):
    send(editor, form={"title": ["Typed"]})
    answer = editor.post(address(), fields() | {"_keeping_tab": "a", "_keeping_key": "k1", "_continue": "1"})
    assert answer.status_code == 302
    assert WorkingCopy.objects.filter(form__isnull=False).count() == 0
    assert send(editor, sequence=9).json()["closed"]


# --- Coming back


def test_it_offers_unsaved_changes_with_how_they_differ(editor, post, django_assert_max_num_queries):
    bo, inner = make.author("Bo Lind"), make.category("storage/files")
    data = fields(post, body="## First\n\nA longer <b>paragraph.\n", categories=[inner.pk])
    data |= {"bylines-TOTAL_FORMS": 2, "bylines-1-author": bo.pk, "bylines-1-position": 1}
    send(editor, post, form=lists(data))
    with django_assert_max_num_queries(40):
        page = editor.get(address(post)).content.decode()
    assert "You have unsaved changes from" in page
    assert "A <ins>longer &lt;b&gt;</ins>paragraph." in page
    assert "<ins>Files" in page
    assert "<ins>\nBo Lind, 1</ins>" in page
    assert 'name="_keeping_number" value="0"' in page
    assert "A paragraph." in page.split('name="body"')[1].split("</textarea>")[0]


def test_it_continues_with_what_was_typed_and_with_its_rows(editor, post):
    bo = make.author("Bo Lind")
    data = fields(post, title="", body="Typed", published_at_0="2031-02-0", tags="a, b", categories=[])
    data |= {
        "bylines-TOTAL_FORMS": 3,
        "bylines-1-author": bo.pk,
        "bylines-1-position": 7,
        "bylines-0-DELETE": "on",
    }
    data["seen_version"] = 0
    send(editor, post, form=lists(data), seen=0)
    Post.objects.update(version=1)
    response = editor.get(address(post) + "?continue=1")
    page = response.content.decode()
    form = response.context["adminform"].form
    assert form["body"].value() == "Typed"
    assert form["title"].value() == ""
    assert 'value="2031-02-0"' in page
    assert 'name="seen_version" value="0"' in page
    assert form["categories"].value() == []
    assert 'name="_keeping_number" value="1"' in page
    assert f'<option value="{bo.pk}" selected>Bo Lind</option>' in page
    assert 'name="bylines-1-position" value="7"' in page
    assert "errorlist" not in page
    assert "The post was saved meanwhile" in page
    assert 'name="bylines-TOTAL_FORMS" value="3"' in page


def test_it_says_nothing_of_a_copy_that_differs_in_nothing(editor, post):
    send(editor, post, form=whole(post))
    page = editor.get(address(post)).content.decode()
    assert "unsaved changes" not in page
    assert 'name="_keeping_number" value="1"' in page


def test_it_offers_posts_that_were_begun_and_never_saved(editor):
    send(editor, form={"title": ["A <new> post"], "body": ["Words"], "bylines-TOTAL_FORMS": ["1"]})
    page = editor.get(address()).content.decode()
    assert "“A &lt;new&gt; post”, a post you began and did not save" in page
    page = editor.get(address() + "?continue=k1").content.decode()
    assert 'value="A &lt;new&gt; post"' in page
    assert 'name="_keeping_key" value="k1"' in page
    page = editor.get(address() + "?continue=other").content.decode()
    assert "There are no unsaved changes any more." in page


def test_it_discards_after_a_question_and_brings_back(editor, post):
    send(editor, post, form=whole(post, title="Typed"))
    page = editor.get(door(post)).content.decode()
    assert "<ins>Typed</ins>" in page
    page = editor.post(door(post, "copy_discard"), follow=True).content.decode()
    assert f'<a href="{door(post)}">discarded changes</a>' in page
    assert copy().form is None
    assert "unsaved changes from" not in editor.get(address(post)).content.decode()
    gone = WorkingCopy.objects.exclude(discarded_at=None).get()
    send(editor, post, tab="b", form=whole(post, title="Newer"))
    answer = editor.post(door(post, "copy_back"), {"copy": gone.pk}, follow=True)
    assert answer.context["adminform"].form["title"].value() == "Typed"
    assert copy().form["title"] == ["Typed"]
    assert WorkingCopy.objects.exclude(discarded_at=None).get().form["title"] == ["Newer"]
    for odd in ("", "x", "9" * 30, gone.pk):
        assert editor.post(door(post, "copy_back"), {"copy": odd}).status_code == 302


def test_nobody_reads_or_brings_back_the_words_of_another(editor, staff, post):
    send(editor, post, form=whole(post, title="Secret words"))
    other = staff("change_post", "edit_any_post", "view_post")
    for page in (address(post), address(post) + "?continue=1", door(post)):
        assert "Secret words" not in other.get(page).content.decode()
    editor.post(door(post, "copy_discard"))
    assert "Secret words" not in other.get(door(post)).content.decode()
    other.post(door(post, "copy_back"), {"copy": WorkingCopy.objects.exclude(discarded_at=None).get().pk})
    assert not WorkingCopy.objects.filter(discarded_at=None, form__isnull=False).exists()


def test_it_compares_the_words_of_a_browser_with_the_copy_and_with_the_post(editor, post):
    mine = json.dumps({"form": whole(post, title="Queues, mine")})
    html = editor.post(door(post, "copy_difference"), mine, content_type=JSON).json()["html"]
    assert "Queues<ins>, mine</ins>" in html
    send(editor, post, form=whole(post, title="Queues, theirs"))
    html = editor.post(door(post, "copy_difference"), mine, content_type=JSON).json()["html"]
    assert "<mark>theirs</mark>" in html
    assert "<mark>mine</mark>" in html


def test_it_forgets_what_nobody_comes_back_to(editor, post):
    now = timezone.now()
    send(editor, post)
    keeping.discard(copy(), at=now)
    send(editor, post, tab="b")
    send(editor)
    send(editor, key="k2")
    WorkingCopy.objects.filter(key="k2").update(saved_at=now - timedelta(days=91))
    assert keeping.forget(at=now) == 1
    assert keeping.forget(at=now + timedelta(days=31)) == 1
    assert WorkingCopy.objects.count() == 2
    post.delete()
    assert WorkingCopy.objects.count() == 1


# --- Presence


def beat(client, post, **over):
    return client.post(door(post, "presence"), json.dumps({"tab": "a", **over}), content_type=JSON)


def test_it_says_who_else_has_the_post_open(editor, staff, post, django_assert_num_queries):
    zoe = staff("change_post", "edit_any_post")
    get_user_model().objects.filter(username="staff").update(first_name="Zoe")
    before = xmin()
    assert beat(zoe, post).json()["others"] == []
    with django_assert_num_queries(5):  # session, account, post, and the two of the beat
        told = beat(editor, post, version=post.version).json()
    assert [line[:29] for line in told["others"]] == ["Zoe has this post open since "]
    assert "Zoe has this post open" in editor.get(address(post)).content.decode()
    beat(zoe, post, tab="b", idle=True)
    assert len(beat(editor, post).json()["others"]) == 1
    beat(zoe, post, leave=True)
    assert beat(editor, post).json()["others"] == ["Zoe has this post open, but is not writing."]
    assert xmin() == before
    Presence.objects.filter(post=post.pk).update(until=timezone.now() - timedelta(seconds=20))
    assert beat(editor, post).json()["others"] == []
    assert Presence.objects.filter(post=post.pk).count() == 1


def test_it_says_who_has_saved_since(editor, staff, post):
    zoe = staff("change_post", "edit_any_post", "view_post")
    seen = post.version
    assert beat(editor, post, version=seen).json()["saved"] == ""
    zoe.post(address(post), fields(post, title="By Zoe") | {"_continue": "1"})
    told = beat(editor, post, version=seen).json()
    assert told["saved"].startswith("staff saved version")
    assert told["version"] > seen


def test_it_tells_of_presence_to_those_alone_who_may_see_the_post(staff, post):
    assert beat(staff("add_post", "change_post"), post).status_code == 403
