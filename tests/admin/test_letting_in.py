import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.models import Event
from blog.publishing.logins import DEVICE, PAIR

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"


@pytest.fixture
def ada():
    return get_user_model().objects.create_user("ada", "ada@example.org", "right", is_staff=True)


def attempt(client, name="ada", password="wrong", **options):
    return client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"}, **options)


def wear_out(client, name="ada", **options):
    for _ in range(PAIR.free):
        assert attempt(client, name, **options).status_code == 200


def test_it_says_how_long_to_wait_and_looks_at_no_password(client, ada):
    wear_out(client)
    answer = attempt(client, password="right")
    assert answer.status_code == 429
    assert 25 <= int(answer["Retry-After"]) <= 30
    page = answer.content.decode()
    assert "Please wait" in page and " seconds" in page
    assert not answer.wsgi_request.user.is_authenticated


def test_it_answers_the_same_about_a_name_that_nobody_has(ada):
    pages = []
    for name in ("ada", "eve"):
        client = Client(REMOTE_ADDR=f"192.0.2.{len(name)}{len(pages)}")
        wear_out(client, name)
        answer = attempt(client, name)
        page = (
            answer.content.decode().replace(name, "NAME").replace(str(answer.context["csrf_token"]), "TOKEN")
        )
        pages.append((answer.status_code, page.replace(answer["Retry-After"], "SECONDS")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", ["nobody", "gone", "unusable", "reader"])
def test_it_does_the_same_work_for_every_name(ada, name, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    # How often it is asked is what counts; a million rounds each would take seconds.
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1_000)
    users = get_user_model().objects
    users.create_user("known", password="right", is_staff=True)
    users.create_user("gone", password="right", is_staff=True, is_active=False)
    users.create_user("unusable", is_staff=True)
    users.create_user("reader", password="right")
    hashed, encode = [], PBKDF2PasswordHasher.encode
    monkeypatch.setattr(
        PBKDF2PasswordHasher, "encode", lambda *given, **more: hashed.append(1) or encode(*given, **more)
    )

    def work(who):
        hashed.clear()
        client = Client(REMOTE_ADDR=f"192.0.2.{len(who)}")
        with CaptureQueriesContext(connection) as asked:
            assert attempt(client, who).status_code == 200
        return len(hashed), [one["sql"].split()[0] for one in asked]

    work("warm-up")
    assert work(name) == work("known")


def test_a_forged_header_gives_no_further_tries(client, ada):
    judged = 0
    for n in range(20):
        answer = attempt(client, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        judged += answer.status_code == 200
    assert judged == PAIR.free


def test_behind_a_trusted_proxy_each_client_has_tries_of_its_own(client, ada, settings):
    settings.TRUSTED_PROXIES = 1
    wear_out(client, headers={"X-Forwarded-For": "198.51.100.1"})
    assert attempt(client, headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.1"}).status_code == 429
    assert attempt(client, password="right", headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 302


def test_the_owner_comes_in_by_a_browser_that_is_known(client, ada):
    assert attempt(client, password="right").status_code == 302
    client.post(reverse("admin:logout"))
    stranger = Client()
    wear_out(stranger)
    assert attempt(stranger, password="right").status_code == 429
    assert attempt(client, password="right").status_code == 302


def test_a_known_browser_is_no_place_to_guess_from(client, ada):
    attempt(client, password="right")
    client.post(reverse("admin:logout"))
    judged = sum(attempt(client).status_code == 200 for _ in range(40))
    assert judged == DEVICE.free + PAIR.free


def test_the_mark_of_a_browser_says_nothing_about_other_accounts(client, ada):
    get_user_model().objects.create_user("bob", password="right", is_staff=True)
    attempt(client, password="right")
    client.post(reverse("admin:logout"))
    wear_out(client, "bob")
    assert attempt(client, "bob", "right").status_code == 429


@pytest.mark.parametrize("forged", ["", "x", "W10:1:x", "a" * 5_000, "é\x00"])
def test_a_forged_mark_is_none(client, ada, forged):
    client.cookies["known"] = forged
    wear_out(client)
    assert attempt(client, password="right").status_code == 429


def test_the_cookie_goes_to_the_admin_alone_and_to_no_script(client, ada):
    cookie = attempt(client, password="right").cookies["known"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")


def test_the_log_says_that_somebody_was_slowed_down_and_not_what_was_typed(client, ada):
    wear_out(client)
    attempt(client)
    attempt(client, password="hunter2")
    lines = list(Event.objects.filter(verb="login.delayed").values("title", "who_name", "details"))
    assert [line["title"] for line in lines] == ["ada", "ada"]
    assert 0 < lines[0]["details"]["seconds"] <= 30
    wear_out(client, "typed-pass-word")
    attempt(client, "typed-pass-word")
    everything = json.dumps(list(Event.objects.values("title", "who_name", "details")))
    assert "hunter2" not in everything and "typed-pass-word" not in everything


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("a\0b", "x"),
        ("a", "\0"),
        ("x" * 10_000, "x"),
        ("a", "p" * 100_000),
        ("", ""),
        ("a", ""),
        ("ädä\u202e", "ß" * 72),
    ],
)
def test_odd_input_is_answered_with_the_form(client, name, password):
    assert attempt(client, name, password).status_code == 200


def test_it_leads_to_no_other_site(client, ada):
    answer = client.post(LOGIN, {"username": "ada", "password": "right", "next": "//evil.example/"})
    assert answer["Location"] == "/admin/"


def test_the_session_changes_its_key_when_somebody_logs_in(client, ada):
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    attempt(client, password="right")
    assert client.session.session_key not in {None, before}
    assert not client.session.__class__(before).exists(before)


@pytest.mark.django_db(transaction=True)
def test_right_passwords_of_one_office_at_once_are_never_refused():
    people = [f"editor{n}" for n in range(12)]
    for name in people:
        get_user_model().objects.create_user(name, password="right", is_staff=True)
    begin = threading.Barrier(len(people))

    def comes_to_work(name):
        begin.wait()
        try:
            return [attempt(Client(), name, "right").status_code for _ in range(4)]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as threads:
        answers = list(threads.map(comes_to_work, people))
    assert answers == [[302] * 4] * len(people)
