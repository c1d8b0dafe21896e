import re
import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog.models import Post, WorkingCopy
from blog.publishing import keeping
from tests import make

from .conftest import address, fields, rows, said


def opened(editor, post):
    """What a browser would send back: the fields, with the version that the form was filled from."""
    html = editor.get(address(post)).content.decode()
    seen = html.split('name="seen_version" value="')[1].split('"')[0]
    return fields(Post.objects.get(pk=post.pk)) | {"seen_version": seen}


def choices(editor, page, side):
    """The fields of that page, each place decided for one side."""
    names = re.findall(r'name="(choice-[^"]+)"', editor.get(page).content.decode())
    return dict.fromkeys(names, side)


def two_clashes(editor, post):
    """The address of a page that asks about title and summary."""
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "summary": "Theirs.", "_continue": "1"})
    return editor.post(address(post), mine | {"title": "Mine", "summary": "Mine.", "_continue": "1"}).url


@pytest.mark.django_db
def test_it_merges_what_somebody_saved_since_and_says_so(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "tags": "kafka", "_continue": "1"})
    response = editor.post(address(post), mine | {"body": "## Mine", "_continue": "1"}, follow=True)
    post.refresh_from_db()
    assert (post.title, post.body, sorted(post.tags.names())) == ("Theirs", "## Mine", ["kafka"])
    assert "Both changes are in it now; taken over: title, tags." in said(response)


@pytest.mark.django_db
def test_it_merges_rows_as_well(editor):
    post = make.post(title="Old", status="draft")
    zoe, ada = make.author("Zoe Last"), make.author()
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(
        address(post), theirs | rows("bylines", {"author": zoe.pk, "position": 0}) | {"_continue": "1"}
    )
    editor.post(
        address(post),
        mine | rows("bylines", {"author": ada.pk, "position": 0}) | {"title": "Mine", "_continue": "1"},
    )
    assert [line.author for line in post.bylines.all()] == [zoe]
    post.refresh_from_db()
    assert post.title == "Mine"


@pytest.mark.django_db
def test_it_puts_what_both_changed_side_by_side_and_keeps_both(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    asked = editor.post(
        address(post), mine | {"title": "Mine", "summary": "New.", "_continue": "1"}, follow=True
    )
    page = asked.redirect_chain[-1][0]
    html = asked.content.decode()
    assert "/merge/" in page and "Theirs</span>" in html and "Mine</span>" in html
    post.refresh_from_db()
    assert (post.title, post.summary, post.version) == ("Theirs", make.SUMMARY, 2)
    # Undecided, the page asks again; meanwhile a third save is merged in its turn.
    assert editor.post(page, {}).status_code == 409
    editor.post(address(post), opened(editor, post) | {"title": "Theirs", "body": "Third.", "_continue": "1"})
    done = editor.post(page, choices(editor, page, "mine"), follow=True)
    post.refresh_from_db()
    assert (post.title, post.summary, post.body) == ("Mine", "New.", "Third.")
    assert "as you decided" in said(done)


@pytest.mark.django_db
@pytest.mark.parametrize("seen", [None, "", "x", "-1", "²", "99", "9" * 30])
def test_a_form_that_names_no_version_overwrites_nothing_and_asks(editor, seen):
    post = make.post(title="Old", status="draft")
    editor.post(address(post), opened(editor, post) | {"title": "Theirs", "_continue": "1"})
    sent = fields(post) | {"title": "Mine", "seen_version": seen, "_continue": "1"}
    if seen is None:
        del sent["seen_version"]
    asked = editor.post(address(post), sent, follow=True)
    page, html = asked.redirect_chain[-1][0], asked.content.decode()
    assert "/merge/" in page and "Theirs</span>" in html and "Mine</span>" in html
    post.refresh_from_db()
    assert post.title == "Theirs"
    editor.post(page, choices(editor, page, "mine"))
    post.refresh_from_db()
    assert post.title == "Mine"


@pytest.mark.django_db
def test_what_readers_are_told_of_a_change_is_saved_though_the_text_clashes(editor):
    post = make.post(title="Old")
    mine, theirs = opened(editor, post), opened(editor, post)
    told = rows("changes", {"made_at_0": "2026-03-01", "made_at_1": "10:00:00", "sentence": "Figures added."})
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    asked = editor.post(address(post), mine | told | {"title": "Mine", "_continue": "1"}, follow=True)
    assert "/merge/" in asked.redirect_chain[-1][0]
    assert [one.sentence for one in post.changes.all()] == ["Figures added."]


@pytest.mark.django_db
def test_whoever_decides_overwrites_nothing_that_was_saved_meanwhile(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    page = editor.post(address(post), mine | {"title": "Mine", "_continue": "1"}).url
    read = choices(editor, page, "mine")
    editor.post(address(post), opened(editor, post) | {"title": "A third", "_continue": "1"})
    asked = editor.post(page, read)
    assert asked.status_code == 409 and "A third</span>" in asked.content.decode()
    post.refresh_from_db()
    assert post.title == "A third"
    editor.post(page, choices(editor, page, "mine"))
    post.refresh_from_db()
    assert post.title == "Mine"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("side", "title", "summary"), [("mine", "Mine", "Mine."), ("theirs", "Theirs", "Theirs.")]
)
def test_one_button_decides_all_places_for_one_side(editor, side, title, summary):
    post = make.post(title="Old", status="draft")
    page = two_clashes(editor, post)
    html = editor.get(page).content.decode()
    assert f'name="all" value="{side}" formnovalidate' in html and " UTC, after you" in html
    sent = {"all": side, "place": re.findall(r'name="place" value="([^"]+)"', html)}
    assert f"“{title}” now" in said(editor.post(page, sent, follow=True))
    post.refresh_from_db()
    assert (post.title, post.summary) == (title, summary)


@pytest.mark.django_db
def test_the_buttons_for_all_decide_nothing_that_the_page_has_not_shown(editor):
    post = make.post(title="Old", status="draft")
    page = two_clashes(editor, post)
    read = re.findall(r'name="place" value="([^"]+)"', editor.get(page).content.decode())
    editor.post(address(post), opened(editor, post) | {"title": "A third", "_continue": "1"})
    asked = editor.post(page, {"all": "mine", "place": read})
    assert asked.status_code == 409 and "A third</span>" in asked.content.decode()
    post.refresh_from_db()
    assert post.title == "A third"


@pytest.mark.django_db
def test_a_single_place_needs_no_buttons_for_all(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    page = editor.post(address(post), mine | {"title": "Mine", "_continue": "1"}).url
    assert 'name="all"' not in editor.get(page).content.decode()


@pytest.mark.django_db
def test_deciding_takes_what_that_tab_had_kept_and_no_other_tabs_words(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    user, at = get_user_model().objects.get(), timezone.now()
    words = {"body": ["In a tab."]}
    for tab, left in (("other", words), ("this", None), ("", None)):
        WorkingCopy.objects.all().delete()
        if tab:
            keeping.keep(words, by=user, at=at, tab=tab, sequence=1, post=post.pk)
        page = editor.post(
            address(post), mine | {"title": "Mine", "_continue": "1", "_keeping_tab": "this"}
        ).url
        editor.post(page, choices(editor, page, "theirs"))
        copy = WorkingCopy.objects.get(discarded_at=None)
        assert (copy.form, copy.tab) == (left, tab or "this")  # which a request that comes late finds closed


@pytest.mark.django_db
def test_only_those_who_may_write_the_post_decide(editor, client, django_user_model):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    page = editor.post(address(post), mine | {"title": "Mine", "_continue": "1"}).url
    client.force_login(django_user_model.objects.create_user("rey", password="x", is_staff=True))
    assert client.get(page).status_code == client.post(page, {"choice-title": "mine"}).status_code == 403


@pytest.mark.django_db
def test_it_raises_no_alarm_when_the_same_form_is_sent_twice(editor):
    post = make.post(title="Old", status="draft")
    mine = opened(editor, post) | {"title": "New", "_continue": "1"}
    assert editor.post(address(post), mine).status_code == 302
    assert editor.post(address(post), mine).status_code == 302


@pytest.mark.django_db
def test_it_previews_a_stale_form_all_the_same(editor):
    post = make.post(title="Old", status="draft")
    mine = opened(editor, post)
    Post.objects.update(version=99)
    assert (
        "Mine"
        in editor.post(f"/admin/blog/post/{post.pk}/preview/", mine | {"title": "Mine"}).content.decode()
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_forms_sent_at_once_one_is_saved_and_the_other_asked(django_user_model):
    django_user_model.objects.create_superuser("ada", password="x")
    clients = []
    post = make.post(title="Old", status="draft")
    for _ in range(2):
        client = Client()
        client.login(username="ada", password="x")
        clients.append((client, opened(client, post)))
    start = threading.Barrier(2)
    codes = []

    def send(client, form, title):
        try:
            start.wait()
            codes.append(client.post(address(post), form | {"title": title, "_continue": "1"}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(*pair, f"Title {n}")) for n, pair in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [302, 302]
    kinds = sorted(post.revisions.values_list("kind", flat=True))
    assert kinds == ["aside", "saved", "saved"] and Post.objects.get().version == 2


@pytest.mark.django_db
def test_it_builds_no_thousand_rows_because_a_form_claims_them(editor):
    response = editor.post(address(), fields() | {"bylines-TOTAL_FORMS": "999999999999", "_continue": "1"})
    assert response.status_code == 200
    assert response.content.decode().count("bylines-") < 20_000


@pytest.mark.django_db
def test_it_shows_nothing_of_it_to_those_who_may_only_look(client, django_user_model):
    from django.contrib.auth.models import Permission

    looker = django_user_model.objects.create_user("rey", password="x", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_post"))
    client.force_login(looker)
    response = client.get(address(make.post()))
    assert response.status_code == 200
    assert "een version" not in response.content.decode()
