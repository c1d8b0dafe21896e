"""Versions of a post in the admin, and drafts on top of what readers see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from blog.models import Post
from blog.publishing import editing
from tests import make

from .conftest import address, fields, said

pytestmark = pytest.mark.django_db


def below(post, page):
    return f"/admin/blog/post/{post.pk}/{page}/"


def save(editor, post, button="_continue", **over):
    html = editor.get(address(post)).content.decode()
    seen = html.split('name="seen_version" value="')[1].split('"')[0]
    return editor.post(address(post), fields(post) | over | {"seen_version": seen, button: "1"}, follow=True)


def test_it_lists_every_save_and_shows_what_it_changed(editor, django_assert_max_num_queries):
    post = make.post("A queue", status="draft", body="One two three.")
    save(editor, post, title="Two queues", body="One and three.")
    with django_assert_max_num_queries(15):
        page = editor.get(below(post, "history")).content.decode()
    versions = page.partition('<dialog id="shortcuts"')[0]
    assert versions.count('<th scope="row" data-label="Version">') == 2 and "?from=1&amp;to=2" in page
    with django_assert_max_num_queries(15):
        page = editor.get(below(post, "compare") + "?from=1&to=2").content.decode()
    assert "<del>two</del><ins>and</ins>" in page
    assert 'id="difference-title"' in page and 'id="difference-summary"' not in page


def test_it_compares_authors_by_name_and_figures_by_picture(editor):
    post = make.post(
        "A queue", status="draft", authors=[make.author("Zoe Last")], body="![](figure:event-bus)"
    )
    figure = make.figure()
    save(editor, post)
    figure.caption = "How it really works"
    figure.save()
    post.authors.clear()
    post.bylines.create(author=make.author("Ada Ferrant"))
    save(editor, post)
    page = editor.get(below(post, "compare") + "?from=2&to=3").content.decode()
    assert "<del>Zoe" in page and "Ada" in page
    assert "How <del>event-bus works" in page or "really" in page


def test_it_brings_back_a_version_or_one_field_of_it(editor):
    post = make.post("A queue", status="draft", body="One.")
    save(editor, post, title="Two queues", body="Two.")
    response = editor.post(below(post, "restore"), {"number": "1", "field": "body"}, follow=True)
    post.refresh_from_db()
    assert (post.title, post.body, post.version) == ("Two queues", "One.", 3)
    assert "Version 1 is back (text), as version 3." in said(response)
    editor.post(below(post, "restore"), {"number": "1"})
    post.refresh_from_db()
    assert (post.title, post.version) == ("A queue", 4)


def test_it_names_a_version(editor):
    post = make.post("A queue", status="draft")
    editor.post(below(post, "name"), {"number": "1", "name": "  As  agreed "})
    assert post.revisions.get().name == "As agreed"
    assert 'value="As agreed"' in editor.get(below(post, "history")).content.decode()


@pytest.mark.parametrize("number", ["", "0", "7", "x", "9" * 40, "-1"])
def test_a_version_that_there_is_not_is_not_found(editor, number):
    post = make.post(status="draft")
    for page in ("restore", "name"):
        assert editor.post(below(post, page), {"number": number}).status_code == 404
    if number:
        assert editor.get(below(post, "compare"), {"from": number}).status_code == 404
    assert editor.post(below(post, "restore"), {"number": "1", "field": "version"}).status_code == 403
    assert editor.get(below(post, "restore")).status_code == 405


def test_readers_keep_the_published_version_until_the_draft_is_published(editor):
    post = make.post("A queue")
    response = save(editor, post, "_ontop", title="Two queues", summary="")
    assert "readers keep the present version" in said(response)
    reader = Client()
    assert "A queue" in reader.get(post.get_absolute_url()).content.decode()
    form = editor.get(address(post)).content.decode()
    assert 'value="Two queues"' in form and "A draft lies on top" in form
    # It lacks a summary, so it stays on top; with one it goes out.
    refused = save(editor, post, "_publish", title="Two queues", summary="")
    assert "not published" in said(refused) or "summary" in refused.content.decode()
    assert "A queue" in reader.get(post.get_absolute_url()).content.decode()
    save(editor, post, "_publish", title="Two queues")
    assert "Two queues" in reader.get(post.get_absolute_url()).content.decode()
    post.refresh_from_db()
    assert post.draft is None and "Publish these changes" not in editor.get(address(post)).content.decode()


def test_a_draft_is_discarded_and_stays_in_the_versions(editor):
    post = make.post("A queue")
    save(editor, post, "_ontop", title="Two queues")
    save(editor, post, "_discard", title="Two queues")
    assert 'value="A queue"' in editor.get(address(post)).content.decode()
    editor.post(below(post, "restore"), {"number": "2"})
    assert 'value="Two queues"' in editor.get(address(post)).content.decode()
    post.refresh_from_db()
    assert post.title == "A queue"


def test_changes_appear_by_appointment(editor):
    post = make.post("A queue")
    when = timezone.now().replace(microsecond=0) + timedelta(hours=1)
    dates = {"appear_at_0": f"{when:%Y-%m-%d}", "appear_at_1": f"{when:%H:%M:%S}"}
    response = save(editor, post, "_schedule", title="Two queues", **dates)
    assert "will appear on" in said(response)
    post.refresh_from_db()
    assert (post.title, post.draft_at) == ("A queue", when)
    past = {"appear_at_0": "2020-01-01", "appear_at_1": "00:00:00"}
    refused = save(editor, post, "_schedule", title="Two queues", **past)
    assert "in the future" in refused.content.decode()
    assert editing.publish_due(at=timezone.now()) == 0 and Post.objects.get().title == "A queue"
    assert editing.publish_due(at=when) == 1 and Post.objects.get().title == "Two queues"


def test_those_who_may_not_see_the_post_see_no_version_of_it(editor, client, django_user_model):
    post = make.post("A queue", status="draft")
    stranger = django_user_model.objects.create_user("rey", password="x", is_staff=True)
    pages = ["history", "compare"]
    for who in (None, stranger):
        if who:
            client.force_login(who)
        assert {client.get(below(post, page)).status_code for page in pages} == ({403} if who else {302})
        answers = [
            client.post(below(post, page), {"number": "1"}).status_code for page in ("restore", "name")
        ]
        assert set(answers) == ({403} if who else {302})
