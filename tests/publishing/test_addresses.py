import pytest

from blog.models import Address, Series, Tag
from blog.publishing import addresses, workflow
from tests import make

pytestmark = pytest.mark.django_db


def rename(post, slug, now):
    post.slug = slug
    workflow.save(post, at=now)


def test_it_leads_from_every_former_address_in_one_hop(client, now):
    post = make.post(slug="one")
    rename(post, "two", now)
    rename(post, "three", now)
    for former in ("one", "two"):
        response = client.get(f"/posts/{former}/")
        assert (response.status_code, response["Location"]) == (301, "/posts/three/")


def test_it_never_loops_when_a_post_goes_back_to_its_first_slug(client, now):
    post = make.post(slug="one")
    rename(post, "two", now)
    rename(post, "one", now)
    assert client.get("/posts/one/").status_code == 200
    assert client.get("/posts/two/")["Location"] == "/posts/one/"


def test_it_follows_two_posts_that_swap_their_slugs(client, now):
    one, two = make.post(slug="one", title="First"), make.post(slug="two", title="Second")
    rename(one, "between", now)
    rename(two, "one", now)
    rename(one, "two", now)
    assert "Second" in client.get("/posts/one/").content.decode()
    assert "First" in client.get("/posts/two/").content.decode()
    assert client.get("/posts/between/")["Location"] == "/posts/two/"


def test_it_lets_a_page_that_lives_at_a_former_address_win(client, now):
    post = make.post(slug="one")
    rename(post, "two", now)
    make.post(slug="one", title="The new tenant")
    assert "The new tenant" in client.get("/posts/one/").content.decode()


def test_it_keeps_the_query_and_redirects_without_the_last_slash_too(client, now):
    post = make.post(slug="one")
    rename(post, "two", now)
    assert client.get("/posts/one/?level=300")["Location"] == "/posts/two/?level=300"
    assert client.get("/posts/one", follow=True).redirect_chain[-1] == ("/posts/two/", 301)


def test_it_says_nothing_of_a_withdrawn_posts_former_address_that_a_404_would_not(client, now):
    post = make.post(slug="one")
    rename(post, "two", now)
    workflow.withdraw(post, at=now)
    assert client.get("/posts/one/", follow=True).status_code == 404
    assert client.get("/posts/two/").status_code == 404


@pytest.mark.parametrize("kind", ["tag", "author", "series", "level"])
def test_it_follows_whatever_else_is_renamed(client, kind):
    series = Series.objects.create(title="L", slug="layers")
    make.post(tags=["s3"], series=[(series, 1)])
    thing = {
        "tag": Tag.objects.get,
        "author": make.author,
        "series": lambda: series,
        "level": make.level,
    }[kind]()
    former = thing.get_absolute_url()
    assert client.get(former).status_code == 200
    thing.slug = "renamed"
    addresses.save_keeping_address(thing)
    assert client.get(former)["Location"] == thing.get_absolute_url()
    assert Address.objects.count() == 1
