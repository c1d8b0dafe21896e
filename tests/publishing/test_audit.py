from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from blog.models import Event, Tag
from blog.publishing import audit

pytestmark = pytest.mark.django_db


def test_it_keeps_who_did_what_to_which_thing(ada, now):
    tag = Tag.objects.create(name="Queues", slug="queues")
    audit.record("tag.renamed", tag, by=ada, at=now, former="Cues")
    line = Event.objects.get()
    assert (line.at, line.who, line.who_name, line.verb) == (now, ada, "ada", "tag.renamed")
    assert (line.kind, line.thing, line.title, line.details) == ("tag", tag.pk, "Queues", {"former": "Cues"})


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_it_keeps_what_nobody_asked_for_without_a_name(nobody, now):
    audit.record("post.deleted", None, by=nobody, at=now)
    line = Event.objects.get()
    assert (line.who, line.who_name, line.kind, line.thing, line.title) == (None, "", "", None, "")


def test_it_still_names_an_account_that_is_gone(ada, now):
    audit.record("login", None, by=ada, at=now)
    ada.delete()
    line = Event.objects.get()
    assert line.who is None and line.who_name == "ada"


def test_it_keeps_no_secret_and_no_text(now):
    audit.record(
        "x", None, by=None, at=now, password="hunter2", body="w" * 5_000, nested={"Token": "t", "n": 1}
    )
    details = Event.objects.get().details
    assert "password" not in details and details["nested"] == {"n": 1}
    assert len(details["body"]) == audit.LONGEST


def test_it_takes_text_that_postgresql_refuses(now):
    audit.record("x", None, by=None, at=now, name="a\0b", half="\ud800")
    assert Event.objects.get().details == {"name": "ab", "half": "?"}


def test_it_is_written_with_the_deed_or_not_at_all(now):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record("x", None, by=None, at=now)
        _ = 1 / 0
    assert not Event.objects.exists()


@pytest.mark.parametrize("deed", ["delete", "update"])
def test_it_lets_nobody_change_a_line(deed, now):
    audit.record("x", None, by=None, at=now)
    with pytest.raises(IntegrityError, match="stays as it was written"), transaction.atomic():
        Event.objects.all().delete() if deed == "delete" else Event.objects.update(verb="y")
    assert Event.objects.get().verb == "x"


def test_it_forgets_what_is_older_than_is_kept_and_nothing_else(now):
    audit.record("old", None, by=None, at=now - timedelta(days=400))
    audit.record("new", None, by=None, at=now)
    assert audit.forget(before=now - timedelta(days=365)) == 1
    assert [line.verb for line in Event.objects.all()] == ["new"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.all().delete()


def test_it_writes_a_line_for_each_of_many(ada, now):
    tags = [Tag.objects.create(name=name, slug=name) for name in ("a", "b")]
    audit.record_all("tag.deleted", tags, by=ada, at=now)
    assert [line.title for line in Event.objects.order_by("pk")] == ["a", "b"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_cell_is_a_formula(cell):
    assert audit.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["post", "", None, 12, "a=b"])
def test_it_leaves_other_cells_alone(cell):
    assert audit.harmless(cell) == cell
