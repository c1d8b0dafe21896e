import threading
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django_tasks_db.models import DBTaskResult

from blog.models import Category, read_page
from blog.models.bits import Bits, Unsealed
from blog.publishing import categories, sealing, tasks
from tests import make


@pytest.mark.django_db
def test_it_moves_everything_below_along(now):
    make.category("a/b/c")
    post = make.post(categories=[make.category("a/b/c")])
    moved = make.category("a/b")
    moved.parent = make.category("x")
    categories.save(moved)
    assert set(Category.objects.values_list("path", flat=True)) == {"a", "x", "x/b", "x/b/c"}
    assert [p.pk for p in read_page(make.category("x"), at=now, size=5).posts] == [post.pk]
    assert read_page(make.category("a"), at=now, size=5).posts == []


@pytest.mark.django_db
def test_it_sends_readers_of_every_former_path_on(client):
    make.category("a/b/c")
    moved = make.category("a/b")
    moved.slug = "beta"
    categories.save(moved)
    assert client.get("/category/a/b/")["Location"] == "/category/a/beta/"
    assert client.get("/category/a/b/c/")["Location"] == "/category/a/beta/c/"
    assert client.get("/category/a/beta/c/").status_code == 200


@pytest.mark.django_db
def test_it_refuses_a_move_below_itself():
    make.category("a/b")
    top = make.category("a")
    top.parent = make.category("a/b")
    with pytest.raises(ValidationError):
        categories.save(top)
    assert Category.objects.get(slug="a").path == "a"


@pytest.mark.django_db
def test_it_deletes_only_what_is_empty():
    make.category("a/b")
    with pytest.raises(categories.InUse, match="below it"):
        categories.delete(make.category("a"))
    make.post(title="Held", categories=[make.category("a/b")])
    with pytest.raises(categories.InUse, match="Held"):
        categories.delete(make.category("a/b"))
    categories.delete(make.category("empty"))
    assert not Category.objects.filter(slug="empty").exists()


@pytest.mark.django_db(transaction=True)
def test_it_lets_two_moves_at_once_make_no_cycle():
    make.category("a")
    make.category("b")
    start = threading.Barrier(2)
    refused = []

    def move(slug, below):
        try:
            category = Category.objects.get(slug=slug)
            category.parent = Category.objects.get(slug=below)
            start.wait()
            categories.save(category)
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Category.objects.filter(parent=None).count() == 1


@pytest.mark.django_db
def test_it_leaves_many_posts_to_a_worker_and_comes_to_all_of_them(
    monkeypatch, django_capture_on_commit_callbacks, now
):
    monkeypatch.setattr(categories, "AT_ONCE", 3)
    monkeypatch.setattr(categories, "BATCH", 2)
    monkeypatch.setattr(categories, "SLICE", 1)
    home, target = make.category("a/b"), make.category("x")
    posts = {make.post(categories=[home]).pk for _ in range(5)}
    home.parent = target
    with django_capture_on_commit_callbacks(execute=True):
        categories.save(home)
    assert Category.objects.get(pk=home.pk).path == "x/b"  # addresses are right at once
    assert read_page(target, at=now, size=9).posts == []
    last, turns = 0, 0
    while turns == 0 or last:
        last, turns = tasks.refile_below.func(home.pk, after=last), turns + 1
    assert turns == 3
    assert {post.pk for post in read_page(target, at=now, size=9).posts} == posts
    assert read_page(make.category("a"), at=now, size=9).posts == []


@pytest.mark.django_db(transaction=True)
def test_it_enters_words_between_its_transactions(monkeypatch, now):
    """Within one, whoever saves a post of the batch would wait until a list of words is entered: sixteen seconds."""
    monkeypatch.setattr(categories, "BATCH", 2)
    monkeypatch.setattr(categories, "ENTERED", 1)
    home, entered = make.category("a/b"), []
    for _ in range(5):
        make.post(categories=[home])

    def enter():
        assert not connection.in_atomic_block
        sealing.enter_words()
        entered.append(home.pk)

    told = SimpleNamespace(enter_words=enter, is_due=lambda: False)
    monkeypatch.setattr("blog.publishing.categories.sealing", told)
    assert categories.refile_slice(home, at=now) is None
    assert len(entered) == 3


@pytest.mark.django_db(transaction=True)
def test_it_sets_the_bits_of_what_has_moved_before_it_has_come_to_all(monkeypatch, now):
    for name in ("BATCH", "SEALED", "SLICE"):
        monkeypatch.setattr(categories, name, 2)
    monkeypatch.setattr(categories, "AT_ONCE", 1)
    monkeypatch.setattr(sealing, "FEWEST", 1)
    monkeypatch.setattr(sealing, "MANY", 3)
    home, target = make.category("a/b"), make.category("x")
    for _ in range(6):
        make.post(categories=[home])
    sealing.seal(at=now)
    home.parent = target
    categories.save(home)
    assert categories.refile_slice(home, at=now) is not None
    assert Bits.objects.filter(kind="category", value=str(target.pk)).exists()
    assert not Unsealed.objects.exists()


@pytest.mark.django_db
def test_it_asks_for_no_worker_where_few_posts_move(django_capture_on_commit_callbacks):
    make.post(categories=[make.category("a/b")])
    moved = make.category("a/b")
    moved.parent = make.category("x")
    with django_capture_on_commit_callbacks(execute=True):
        categories.save(moved)
    assert not DBTaskResult.objects.filter(task_path=tasks.refile_below.module_path).exists()


@pytest.mark.django_db
def test_it_has_nothing_to_file_of_a_category_that_is_gone():
    assert tasks.refile_below.func(999_999) == 0
