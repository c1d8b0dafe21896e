"""Which server a reader's page is made from. The standby's connection is a second one to the same database, without what
the test has not committed; `tests/operating/deployment/test_cluster.py` has a real standby."""

import os

import pytest
from django.db import OperationalError, connections
from django.http import HttpResponse
from django.urls import resolve

from blog.models.move import read_stamp
from blog.models.standby import Standby
from blog.operating.soundness import running
from blog.pages import standby as doors
from blog.pages.standby import SEEN, FromStandby

pytestmark = pytest.mark.django_db


@pytest.fixture
def standby(monkeypatch, settings):
    """Fit, and no thread asks it."""
    made = Standby()
    made._pid = os.getpid()
    made.note_primary(1, asked=made.clock())
    made.note_standby(1, asked=made.clock())
    monkeypatch.setattr(doors, "STANDBY", made)
    monkeypatch.setattr(running, "STANDBY", made)
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    connections["replica"] = connections["default"].copy()
    yield made
    connections["replica"].close()
    del connections["replica"]


def at_hand():
    return "replica" if connections["default"] is connections["replica"] else "default"


def asked(request, *, fails_on=()):
    """The servers that a view was answered from, and the answer."""
    met = []

    def view(request):
        met.append(at_hand())
        if met[-1] in fails_on:
            raise OperationalError("gone")
        return HttpResponse("words")

    def django(request):
        door.process_view(request, view, (), {})
        try:
            return view(request)
        except OperationalError as error:
            answer = door.process_exception(request, error)
            if answer is None:
                raise
            return answer

    request.resolver_match = resolve(request.path)
    door = FromStandby(django)
    return met, door(request)


def test_it_answers_a_reader_from_the_standby_and_puts_the_primary_back(standby, rf):
    met, _ = asked(rf.get("/"))
    assert met == ["replica"]
    assert at_hand() == "default"


@pytest.mark.parametrize("path", ["/admin/", "/readyz", "/media/figures/ab/abc.png", "/preview/token/"])
def test_it_asks_the_primary_for_what_is_no_readers_page(standby, rf, path):
    assert asked(rf.get(path))[0] == ["default"]


def test_it_asks_the_primary_for_whoever_is_signed_in(standby, rf, settings):
    rf.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    assert asked(rf.get("/"))[0] == ["default"]
    rf.cookies.clear()
    assert asked(rf.get("/", headers={"Authorization": "Bearer token"}))[0] == ["default"]


def test_it_asks_the_primary_where_the_standby_is_not_fit(standby, rf):
    standby.fail()
    assert asked(rf.get("/"))[0] == ["default"]


def test_it_asks_the_standby_only_for_the_state_that_it_has_come_to(standby, rf, now):
    with connections["replica"].cursor() as cursor:
        stamp = read_stamp(cursor, at=now).text
    assert asked(rf.get("/", **{SEEN: stamp}))[0] == ["replica"]
    assert asked(rf.get("/", **{SEEN: f"{stamp}1"}))[0] == ["default"]


def test_it_asks_the_primary_when_the_standby_fails_in_the_middle(standby, rf):
    met, answer = asked(rf.get("/"), fails_on={"replica"})
    assert (met, answer.content) == (["replica", "default"], b"words")
    assert not standby.fit()


def test_a_page_from_the_standby_in_the_primarys_place_is_kept_by_nobody(standby, rf):
    met, answer = asked(rf.get("/", **{SEEN: "a state that it has not seen"}), fails_on={"default"})
    assert met == ["default", "replica"]
    assert answer["Cache-Control"] == "no-store"


def test_it_fails_where_both_do(standby, rf):
    with pytest.raises(OperationalError):
        asked(rf.get("/"), fails_on={"default", "replica"})
    assert at_hand() == "default"


def test_it_is_sound_as_long_as_it_is_fit(standby):
    assert [one.state for one in running.standby()] == ["ok"]
    standby.fail()
    assert [one.state for one in running.standby()] == ["warning"]
