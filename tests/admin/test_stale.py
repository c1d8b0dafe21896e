import threading

import pytest
from django.db import connection
from django.test import Client

from blog.models import Post
from tests import make

from .test_post import address, fields


def opened(editor, post):
    """What a browser would send back: the fields, with the version that the form was filled from."""
    html = editor.get(address(post)).content.decode()
    seen = html.split('name="seen_version" value="')[1].split('"')[0]
    return fields(title=post.title, slug=post.slug) | {"seen_version": seen}


@pytest.mark.django_db
def test_it_refuses_to_overwrite_what_somebody_saved_since(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    response = editor.post(address(post), mine | {"title": "Mine", "_continue": "1"})
    html = response.content.decode()
    assert response.status_code == 200
    assert Post.objects.get().title == "Theirs"
    assert "saved this post on" in html
    assert 'value="Mine"' in html


@pytest.mark.django_db
def test_it_replaces_the_other_version_when_it_is_sent_again_on_purpose(editor):
    post = make.post(title="Old", status="draft")
    mine, theirs = opened(editor, post), opened(editor, post)
    editor.post(address(post), theirs | {"title": "Theirs", "_continue": "1"})
    html = editor.post(address(post), mine | {"title": "Mine", "_continue": "1"}).content.decode()
    now_seen = html.split('name="seen_version" value="')[1].split('"')[0]
    response = editor.post(
        address(post), mine | {"title": "Mine", "seen_version": now_seen, "_continue": "1"}
    )
    assert response.status_code == 302
    assert Post.objects.get().title == "Mine"


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
def test_it_lets_one_of_two_forms_sent_at_once_win(django_user_model):
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
    assert sorted(codes) == [200, 302]


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
