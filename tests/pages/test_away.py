"""What is answered where the database gives no answer: by the real handlers, with the real errors."""

import json

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import InternalError, OperationalError, ProgrammingError, connection
from django.test import Client

from blog.pages import away
from blog.pages.cache.making import FAILED
from tests import make


@pytest.fixture
def failing(db, monkeypatch):
    """A site each of whose queries fails as they do while PostgreSQL is away."""
    make.post("Shown", slug="shown")
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("ed", password="x"))

    def ask(method, path, error=None, **more):
        def refuse(execute, sql, params, many, context):
            raise error or OperationalError("the connection is closed")

        with connection.execute_wrapper(refuse):
            return getattr(client, method)(path, **more)

    return ask


def read_only():
    error = InternalError("cannot execute INSERT in a read-only transaction")
    error.__cause__ = psycopg.errors.ReadOnlySqlTransaction()
    return error


def test_a_page_that_cannot_be_made_says_when_to_come_back(failing):
    response = failing("get", "/posts/shown/")
    assert response.status_code == 503 and response["Retry-After"] == "5"
    assert response["Cache-Control"] == "no-store"
    assert response.wsgi_request.META[FAILED]
    text = response.content.decode()
    assert "made just now" in text and 'href="/"' in text
    assert not response.cookies


def test_what_is_a_fault_of_ours_stays_one(failing):
    response = failing("get", "/posts/shown/", ProgrammingError("no such column"))
    assert response.status_code == 500


def test_the_page_cache_has_it_said_without_anybody_being_asked(failing):
    response = failing("get", "/posts/shown/", AssertionError("asked"), **{away.AWAY: True})
    assert response.status_code == 503 and "content-security-policy" in {
        name.lower() for name in response.headers
    }


def test_an_editor_finds_all_that_was_sent_in_the_answer(failing):
    words = "A long text of more than eighty characters, with <b>marks</b>, “quotes” and\nlines."
    response = failing(
        "post", "/admin/blog/tag/add/?x=1",
        data={"name": "Short", "body": words, "tags": ["a", "b"], "old_password": "hidden-from-all", "code": "123456"},
    )  # fmt: skip
    text = response.content.decode()
    assert response.status_code == 503
    assert 'name="name" value="Short"' in text and text.count('name="tags"') == 2
    assert "&lt;b&gt;marks&lt;/b&gt;, “quotes” and\nlines.</textarea>" in text
    assert 'action="/admin/blog/tag/add/?x=1"' in text and "csrfmiddlewaretoken" in text
    assert "hidden-from-all" not in text and "123456" not in text
    assert "can&#x27;t be reached" in text or "can't be reached" in text


def test_an_editor_is_told_when_the_database_only_reads(failing):
    response = failing("post", "/admin/blog/tag/add/", read_only(), data={"name": "Short"})
    assert response.status_code == 503
    assert "Nothing can be saved just now" in response.content.decode()


def test_what_an_editor_sent_can_be_sent_again_as_it_is(failing, client):
    from html.parser import HTMLParser

    response = failing("post", "/admin/blog/tag/add/", data={"name": "Quo“ted” & <b>", "_save": "Save"})
    fields = {}

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            told = dict(attributes)
            if tag == "input" and told.get("type") == "hidden":
                fields[told["name"]] = told["value"]

    Reader().feed(response.content.decode())
    assert fields.pop("csrfmiddlewaretoken")
    assert fields == {"name": "Quo“ted” & <b>", "_save": "Save"}


def test_a_script_is_told_in_data(failing):
    response = failing(
        "post", "/admin/blog/tag/add/", data={"name": "x"}, headers={"accept": "application/json"}
    )
    assert response.status_code == 503
    told = json.loads(response.content)
    assert told["away"] is True and "Nothing was saved" in told["error"]


def test_files_are_named_as_what_has_to_be_chosen_again(failing):
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = failing(
        "post", "/admin/blog/tag/add/", data={"name": "x", "file": SimpleUploadedFile("a.png", b"x")}
    )
    assert "have to be chosen once more" in response.content.decode()
