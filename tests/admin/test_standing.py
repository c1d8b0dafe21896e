from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("ada", password="right"))
    return client


def age(client, name: str, **by) -> None:
    """Makes what the session remembers so much older."""
    session = client.session
    session[name] -= timedelta(**by).total_seconds()
    session.save()


def test_a_session_ends_after_so_many_days_however_busy(client, settings):
    settings.SESSION_DAYS = 14
    age(client, "began_at", days=13, hours=23)
    assert client.get("/admin/").status_code == 200
    age(client, "began_at", hours=1, minutes=1)
    assert client.get("/admin/").status_code == 302
    assert not Session.objects.exists()


def test_a_session_ends_when_nobody_has_used_it(client, settings):
    key = client.session.session_key
    ends = Session.objects.get(pk=key).expire_date
    assert abs(ends - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    assert client.get("/admin/").status_code == 302


def test_work_in_the_admin_keeps_a_session_and_writes_it_seldom(client):
    key = client.session.session_key
    soon = timezone.now() + timedelta(minutes=5)
    Session.objects.filter(pk=key).update(expire_date=soon)
    client.get("/admin/")
    assert Session.objects.get(pk=key).expire_date == soon
    age(client, "seen_at", hours=2)
    Session.objects.filter(pk=key).update(expire_date=soon)
    client.get("/admin/")
    assert Session.objects.get(pk=key).expire_date > timezone.now() + timedelta(hours=23)
    with CaptureQueriesContext(connection) as asked:
        client.get("/admin/")
    assert not [one for one in asked if "UPDATE" in one["sql"]]


def test_reading_writes_no_session(client):
    age(client, "seen_at", hours=2)
    assert "sessionid" not in client.get("/").cookies


def test_a_session_from_before_goes_on(client):
    session = client.session
    for name in ("began_at", "seen_at", "second_factor"):
        del session[name]
    session.save()
    assert client.get("/admin/").status_code == 200
    assert client.session["second_factor"] == "none"


def test_logging_out_leaves_nothing(client):
    client.post("/admin/logout/")
    assert not Session.objects.exists()
    assert client.get("/admin/").status_code == 302


def test_a_page_that_failed_asks_for_no_user_again(client, monkeypatch):
    """The database may be why it failed."""

    def away(*given, **more):
        raise OperationalError("away")

    client.raise_request_exception = False
    monkeypatch.setattr("blog.admin.standing.get_user", away)
    assert client.get("/admin/").status_code in {500, 503}
