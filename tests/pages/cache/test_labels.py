import pytest
from django.test import Client

from tests import make


@pytest.fixture
def client(db):
    make.post("Shown", slug="shown")
    return Client()


def test_a_page_for_everybody_may_be_kept_and_is_asked_for_again(client):
    response = client.get("/posts/shown/")
    assert response["Cache-Control"] == "public, max-age=0, stale-if-error=86400"
    assert {name.strip() for name in response["Vary"].split(",")} == {"Accept", "Accept-Encoding"}
    assert not response.cookies


@pytest.mark.parametrize("headers", [{"authorization": "Basic eDp5"}, {"cookie": "sessionid=abc"}])
@pytest.mark.parametrize("path", ["/posts/shown/", "/feed/", "/search/?q=shown"])
def test_a_page_for_somebody_is_their_own(client, path, headers):
    response = client.get(path, headers=headers)
    assert response["Cache-Control"] == "private, no-cache"


def test_what_a_view_says_itself_stays(client):
    assert client.get("/feed/")["Cache-Control"] == "public, no-cache"


def test_what_is_not_there_is_not_labelled(client):
    assert "Cache-Control" not in client.get("/posts/nowhere/")
