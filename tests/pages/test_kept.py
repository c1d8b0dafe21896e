"""Pages of posts are made anew only where what they are made of has changed; `test_freshness.py` looks whether nothing
stays that has."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from blog.keeping.shelf import pages
from blog.models import LearningLevel, Post
from blog.pages.kept import KeptPage
from tests import make

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/",
    "/category/storage/",
    "/category/learning-levels/",
    "/tag/s3/",
    "/posts/queues/",
    "/?narrow",
]


@pytest.fixture
def post():
    pages.clear()
    return make.post(
        "Queues", slug="queues", categories=[make.category("storage")], tags=["s3"], body="## One\n\nText.\n"
    )


@pytest.fixture
def made(monkeypatch):
    """The pages that were made anew."""
    seen = []
    make_of = KeptPage._made_of
    monkeypatch.setattr(KeptPage, "_made_of", lambda page, values: seen.append(page) or make_of(page, values))
    return seen


@pytest.mark.parametrize("address", ADDRESSES)
def test_it_sends_what_has_not_changed_as_it_was_made(client, post, made, address):
    first = client.get(address)
    assert client.get(address).content == first.content
    assert len(made) == 1


@pytest.mark.parametrize("address", ADDRESSES[:-1])
def test_it_makes_a_page_anew_when_a_row_behind_it_changes(client, post, made, address):
    client.get(address)
    LearningLevel.objects.filter(number=200).update(name="Deeper")
    assert b"Deeper" in client.get(address).content
    assert len(made) == 2


def test_it_asks_the_database_each_time_and_has_nothing_that_is_gone(client, post):
    assert client.get("/posts/queues/").status_code == 200
    Post.objects.update(status=Post.Status.WITHDRAWN)
    assert client.get("/posts/queues/").status_code == 404


def test_it_shows_whoever_is_signed_in_what_everybody_is_shown(client, post):
    client.force_login(get_user_model().objects.create_superuser("root", "", "pw"))
    own = client.get("/")
    assert own.content == Client().get("/").content
    assert own["Cache-Control"] == "private, no-cache"


def test_its_template_knows_no_request(client, post):
    shown = client.get("/").context
    assert "blog_name" in shown
    assert not [name for name in ("request", "user", "csrf_token") if name in shown]


def test_it_keeps_pages_that_differ_by_their_address_apart(client, post):
    make.post("Another", categories=[make.category("storage")], tags=["s3"])
    assert client.get("/tag/s3/").content != client.get("/category/storage/").content
    assert client.get("/tag/s3/").content == client.get("/tag/s3/").content
