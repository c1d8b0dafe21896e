import logging
import threading
import time

import pytest
from django.db import connection

from blog.operating import page_cache, readiness
from blog.operating.soundness import State
from blog.operating.soundness.finding import failure, ok

pytestmark = pytest.mark.django_db

FINE = [ok("database", "It answers."), ok("disk", "There is room.")]
TOKEN = {"Authorization": "Bearer let-me-see"}


@pytest.fixture
def watch(monkeypatch, settings):
    """A watch of this test's own, and a way to say what it finds."""
    settings.MONITOR_TOKEN = "let-me-see"
    made = readiness.Watch()
    monkeypatch.setattr(readiness, "WATCH", made)
    monkeypatch.setattr(readiness, "FRESH", 0.0)
    made.found = FINE
    monkeypatch.setattr(readiness, "readiness", lambda: made.found)
    return made


@pytest.mark.django_db(transaction=True)
def test_it_answers_for_the_running_site(client, monkeypatch):
    monkeypatch.setattr(readiness, "WATCH", readiness.Watch())
    response = client.get("/readyz")
    assert response.status_code == 200, response.content
    assert response["Cache-Control"] == "no-store"
    assert b"ok      database\n" in response.content and b"ok      migrations\n" in response.content


def test_it_sends_readers_elsewhere_only_for_what_is_wrong_here_alone(client, watch):
    watch.found = [failure("database", "It is away.", "Start it.")]
    assert client.get("/readyz").status_code == 200
    watch.found = [failure("migrations", "One is missing.", "Run them.")]
    assert client.get("/readyz").status_code == 503


def test_it_wakes_somebody_for_anything_that_fails(client, watch):
    assert client.get("/readyz?all").status_code == 200
    watch.found = [failure("database", "It is away.", "Start it.")]
    assert client.get("/readyz?all").status_code == 503


def test_it_tells_the_details_to_those_with_the_token_alone(client, watch):
    watch.found = [failure("disk", "Nothing is left below /srv.", "Make room.")]
    assert b"/srv" in client.get("/readyz", headers=TOKEN).content
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "let-me-see"}):
        shown = client.get("/readyz", headers=wrong).content
        assert b"failure disk\n" in shown and b"/srv" not in shown


def test_it_opens_to_no_empty_token(client, watch, settings):
    settings.MONITOR_TOKEN = ""
    watch.found = [failure("disk", "Nothing is left below /srv.", "Make room.")]
    assert b"/srv" not in client.get("/readyz", headers={"Authorization": "Bearer "}).content


def test_it_answers_in_time_although_a_check_hangs(client, watch, monkeypatch):
    free = threading.Event()
    monkeypatch.setattr(readiness, "readiness", lambda: free.wait(20) and FINE)
    monkeypatch.setattr(readiness, "PATIENCE", 0.05)
    began = time.monotonic()
    answers = [client.get("/readyz?all") for _ in range(3)]
    assert time.monotonic() - began < 5
    assert {one.status_code for one in answers} == {503} and b"checks" in answers[0].content
    assert sum(thread.name == "readiness" for thread in threading.enumerate()) == 1
    free.set()


def test_it_writes_each_change_to_the_log_once(watch, caplog):
    caplog.set_level(logging.INFO)
    for found in (
        FINE,
        [failure("disk", "Full.", "Make room."), FINE[0]],
        [failure("disk", "Full.", "Make room.")],
        FINE,
    ):
        watch._tell(found)
    assert [(one.levelname, one.check) for one in caplog.records] == [("ERROR", "disk"), ("WARNING", "disk")]
    assert "well again" in caplog.messages[-1]


def test_it_is_asked_once_however_many_ask(watch, monkeypatch):
    asked = []
    monkeypatch.setattr(readiness, "FRESH", 60.0)
    monkeypatch.setattr(readiness, "readiness", lambda: asked.append(1) or FINE)
    assert [watch.ask() for _ in range(5)] == [FINE] * 5
    assert len(asked) == 1


@pytest.mark.parametrize("state", [State.OK, State.WARNING])
def test_it_needs_no_database_of_the_request(client, watch, django_assert_num_queries, state):
    with django_assert_num_queries(0, connection=connection):
        assert client.get("/readyz").status_code == 200


def test_it_tells_of_a_page_cache_that_does_not_learn(client, watch, monkeypatch):
    monkeypatch.setattr(page_cache, "_reported", [])
    assert b"cache" not in client.get("/readyz").content
    works = [True]
    page_cache.report(page_cache.Reported(works=lambda: works[0], lag=lambda: 0.001, totals=dict))
    assert b"ok      cache" in client.get("/readyz").content
    works[0] = False
    assert b"warning cache" in client.get("/readyz").content
    assert client.get("/readyz?all").status_code == 200
