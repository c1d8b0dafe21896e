import pytest

from blog.models import Operation, Post
from blog.publishing import bulk
from tests import make

from .conftest import said

LIST = "/admin/blog/operation/"


@pytest.fixture
def done(db, now):
    """An operation of nobody's: 1 post tagged."""
    return bulk.carry_out(
        bulk.ADD_TAGS, [make.post().pk], ["queues"], named="queues", at=now, by=None
    ).operation


def undo(client, operation):
    return client.post(f"{LIST}{operation.pk}/undo/", follow=True)


def test_it_lists_operations_in_as_many_queries_however_many_there_are(
    editor, done, now, django_assert_max_num_queries
):
    for _ in range(10):
        Operation.objects.create(verb="x", sentence="A thing was done.", made_at=now, inverse={})
    editor.get(LIST)
    with django_assert_max_num_queries(12):
        page = editor.get(LIST).content.decode()
    assert "1 post tagged queues." in page


def test_it_undoes_from_the_list_and_says_who_did(editor, done, django_assert_max_num_queries):
    Operation.objects.update(made_at="2099-01-01T00:00Z")
    assert f'formaction="{LIST}{done.pk}/undo/"' in editor.get(LIST).content.decode()
    assert "1 post put back as before." in said(undo(editor, done))
    assert "Undone by editor" in editor.get(LIST).content.decode()
    assert "undone already" in said(undo(editor, done))


def test_it_says_what_prevents_it(editor, done):
    Operation.objects.update(made_at="2099-01-01T00:00Z")
    Post.objects.update(version=99, title="Changed")
    assert "“Changed” changed since" in said(undo(editor, done))


def test_it_undoes_nothing_for_a_get(editor, done):
    assert editor.get(f"{LIST}{done.pk}/undo/").status_code == 405


@pytest.mark.parametrize("key", [99, 10**30])
def test_it_knows_no_such_operation(editor, key):
    assert editor.post(f"{LIST}{key}/undo/").status_code in {403, 404}


def test_it_denies_others_operations_and_kinds_that_one_may_not_do(staff, client, done):
    assert client.post(f"{LIST}{done.pk}/undo/").status_code == 302
    author = staff("change_post", "add_post")
    assert undo(author, done).status_code == 403
    assert "1 post tagged" not in author.get(LIST).content.decode()
    me = author.get(LIST).wsgi_request.user
    Operation.objects.update(who=me, verb="posts.publish")
    assert undo(author, done).status_code == 403
    assert Operation.objects.get().undone_at is None


def test_it_shows_the_list_to_editors_only(staff, client):
    assert client.get(LIST).status_code == 302
    assert staff("view_tag").get(LIST).status_code == 403
