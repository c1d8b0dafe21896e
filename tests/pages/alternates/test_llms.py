import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Post
from blog.pages.alternates import llms
from tests import make

pytestmark = pytest.mark.django_db


def read(response):
    return b"".join(response.streaming_content).decode()


def test_the_contents_are_complete(client, edition, monkeypatch):
    monkeypatch.setattr(llms, "LINKS", 3)
    for number in range(7):
        make.post(title=f"More {number}", slug=f"more-{number}")
    text = read(client.get("/llms.txt"))
    assert text.startswith("# Stratum\n\n> Architecture, layer by layer\n")
    for heading in ("Subjects", "Learning levels", "Learning paths", "Series", "More", "Posts"):
        assert f"\n## {heading}\n" in text
    for slug in ("reads", "older", *(f"more-{number}" for number in range(7))):
        assert text.count(f"/posts/{slug}.md)") == 1


def test_the_whole_texts_are_complete(client, edition, monkeypatch):
    monkeypatch.setattr(llms, "TEXTS", 2)
    for number in range(5):
        make.post(title=f"More {number}")
    text = read(client.get("/llms-full.txt"))
    assert text.count("\ncanonical: ") == 7
    assert client.get("/posts/reads.md").content.decode() in text


@pytest.mark.parametrize("url", ["/llms.txt", "/llms-full.txt"])
def test_drafts_are_nowhere(client, edition, url):
    make.post(title="Secret", slug="secret", status=Post.Status.DRAFT)
    assert "ecret" not in read(client.get(url))


def test_a_batch_of_texts_costs_the_same_however_full(client, edition):
    with CaptureQueriesContext(connection) as few:
        read(client.get("/llms-full.txt"))
    for _ in range(20):
        make.post(body="![](figure:read-path)\n")
    with CaptureQueriesContext(connection) as many:
        read(client.get("/llms-full.txt"))
    assert len(few) == len(many) == 7


@pytest.mark.parametrize("url", ["/llms.txt", "/llms-full.txt"])
def test_a_head_reads_nothing(client, edition, url, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.head(url)
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")


@pytest.mark.parametrize("url", ["/llms.txt", "/llms-full.txt"])
def test_an_empty_site_has_them_too(client, db, url):
    assert read(client.get(url)).startswith("# Stratum")


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_reader_is_slow(client):
    for _ in range(3):
        make.post()
    pieces = iter(client.get("/llms-full.txt").streaming_content)
    next(pieces), next(pieces)
    assert connection.connection is None
