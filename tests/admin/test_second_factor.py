import re
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog.models import Event, RecoveryCode
from blog.publishing import second_factor, sessions
from blog.publishing.logins import PAIR
from tests import make

from .test_access import ALL, path_of

pytest.importorskip("django_otp", reason="the extra `otp` is not installed")
pytest.importorskip("segno", reason="the extra `otp` is not installed")
pytestmark = pytest.mark.django_db

CODE, ENROL, MINE, INDEX = "/admin/code/", "/admin/sign-in/app/", "/admin/sign-in/", "/admin/"


def code_of(key: str, steps: int = 0) -> str:
    """What an app with that key shows, so many half minutes from now."""
    from django_otp.oath import totp

    return f"{totp(bytes.fromhex(key), t0=-30 * steps):06d}"


@pytest.fixture
def ada():
    return get_user_model().objects.create_superuser("ada", "ada@example.org", "right")


@pytest.fixture
def key():
    return second_factor.fresh_key()


@pytest.fixture
def codes(ada, key):
    """Ada's recovery codes; her app has the key."""

    def enrol():
        return second_factor.enrol(ada, key=key, code=code_of(key, -1), at=timezone.now())

    return enrol() or enrol()  # a half minute may have ended before the code of the last was looked at


def password(client, name="ada", word="right", **more):
    return client.post("/admin/login/?next=/admin/blog/post/", {"username": name, "password": word, **more})


# --- Giving a code


def test_after_the_password_a_code_opens_the_door(client, codes, key):
    answer = password(client)
    assert answer["Location"].startswith(CODE)
    assert 'autocomplete="one-time-code"' in client.get(answer["Location"]).content.decode()
    answer = client.post(answer["Location"], {"code": code_of(key)})
    assert client.get(INDEX).status_code == 200
    assert answer["Location"] == "/admin/blog/post/"


def test_it_leads_where_one_was_going_and_nowhere_else(client, codes, key):
    assert client.get("/admin/blog/post/")["Location"] == "/admin/login/?next=/admin/blog/post/"
    at = client.post("/admin/login/", {"username": "ada", "password": "right", "next": "/admin/blog/post/"})[
        "Location"
    ]
    answer = client.post(at, {"code": code_of(key), "next": "//evil.example/"})
    assert answer["Location"] == "/admin/"


def test_the_session_has_another_key_before_and_after(client, codes, key):
    password(client)
    before = client.session.session_key
    client.post(CODE, {"code": code_of(key)})
    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()


def test_a_code_opens_once(client, codes, key):
    password(client)
    client.post(CODE, {"code": code_of(key)})
    other = Client()
    password(other)
    answer = other.post(CODE, {"code": code_of(key)})
    assert answer.status_code == 200 and "used already" in answer.content.decode()
    assert other.get(INDEX).status_code == 302


@pytest.mark.parametrize("wrong", ["", "000000", "12345", "abc", "\0", "９" * 6, "1" * 10_000, "' OR 1=1 --"])
def test_a_wrong_code_opens_nothing(client, codes, wrong):
    password(client)
    assert client.post(CODE, {"code": wrong}).status_code == 200
    assert client.get(INDEX).status_code == 302


def test_whoever_guesses_at_codes_waits_longer_and_longer(client, codes, key):
    password(client)
    client.cookies.pop("known", None)
    answers = [client.post(CODE, {"code": "000000"}) for _ in range(PAIR.free + 1)]
    assert [answer.status_code for answer in answers] == [200] * PAIR.free + [429]
    assert "Retry-After" in answers[-1].headers
    assert client.post(CODE, {"code": code_of(key)}).status_code == 429
    assert Event.objects.filter(verb="login.code_failed").count() == PAIR.free


def test_the_password_alone_opens_no_address_of_the_admin(client, codes):
    """By construction: the addresses are read from the admin itself."""
    post, figure = make.post("Theirs", status="draft"), make.figure()
    password(client)
    for one in ALL:
        if one.name == "second_factor":
            continue
        for answer in (
            client.get(path_of(one, post.pk)),
            client.post(path_of(one, post.pk), {"post": "yes"}),
        ):
            assert answer.status_code in {302, 401, 403, 404, 405}, one.name
            if answer.status_code == 302:
                assert "/login/" in answer["Location"] or answer["Location"].startswith(CODE), one.name
    from blog.models import Post

    assert Post.objects.filter(pk=post.pk).exists()
    assert client.get(figure.image.url).status_code == 404  # a picture of no public post
    assert not client.get("/").wsgi_request.user.is_authenticated
    assert client.get("/admin/jsi18n/").status_code == 302


def test_the_password_alone_is_forgotten_after_a_while(client, codes, key, monkeypatch):
    password(client)
    late = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr("blog.admin.standing.timezone.now", lambda: late)
    assert client.post(CODE, {"code": code_of(key)})["Location"].startswith("/admin/login/")


def test_one_can_begin_anew_as_somebody_else(client, codes):
    password(client)
    assert client.post(CODE, {"_anew": "1"})["Location"] == "/admin/login/"
    assert client.get("/admin/login/").status_code == 200


def test_a_code_sent_along_with_the_password_spares_the_wait_for_strangers(codes, key):
    for n in range(60):
        password(Client(REMOTE_ADDR=f"192.0.2.{n}"), word="wrong")
    owner = Client(REMOTE_ADDR="198.51.100.1")
    answer = password(owner)
    assert answer.status_code == 429 and 'name="code"' in answer.content.decode()
    assert password(owner, code="000000").status_code == 200
    assert password(owner, code=code_of(key)).status_code == 302
    assert owner.get(INDEX).status_code == 200


# --- Recovery codes


def test_recovery_codes_are_hashed_and_open_once(client, ada, codes):
    assert len(set(codes)) == 10
    assert not any(code.replace("-", "") in str(list(RecoveryCode.objects.values())) for code in codes)
    password(client)
    client.post(CODE, {"code": codes[0].upper().replace("-", " ")})
    page = client.get(INDEX).content.decode()
    assert "9 recovery codes are left" in page
    other = Client()
    password(other)
    assert other.post(CODE, {"code": codes[0]}).status_code == 200
    assert second_factor.codes_left(ada) == 9


def test_the_codes_of_one_account_open_no_other(codes):
    bob = get_user_model().objects.create_user("bob", password="right", is_staff=True)
    second_factor.renew_codes(bob, at=timezone.now())
    assert second_factor.verify(bob, codes[0], at=timezone.now()) == ""


def test_new_codes_need_the_password_and_void_the_former(client, ada, codes, key):
    password(client)
    client.post(CODE, {"code": code_of(key)})
    assert client.post(MINE, {"_codes": "1", "password": "wrong"}).status_code == 200
    assert second_factor.verify(ada, codes[1], at=timezone.now()) == "recovery"
    page = client.post(MINE, {"_codes": "1", "password": "right"})
    assert "no-store" in page["Cache-Control"]
    assert second_factor.codes_left(ada) == 10
    assert second_factor.verify(ada, codes[2], at=timezone.now()) == ""


def test_without_the_package_recovery_codes_go_on_being_asked_for(client, codes, monkeypatch):
    """Nobody gets in with a password alone since an upgrade left a package out."""
    monkeypatch.setattr(second_factor, "available", lambda: False)
    at = password(client)["Location"]
    assert at.startswith(CODE)
    assert client.get(INDEX).status_code == 302
    assert client.post(at, {"code": codes[3]}).status_code == 302
    assert client.get(INDEX).status_code == 200


# --- Setting up


def enrol(client):
    page = client.get(ENROL).content.decode()
    return re.search(r'class="sign-key"[^>]*>([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def hexed(letters):
    from base64 import b32decode

    return b32decode(letters).hex()


def test_one_sets_an_app_up_by_a_picture_or_by_typing(client, ada):
    password(client)
    key = hexed(enrol(client))
    picture = client.get(f"{ENROL}qr.png")
    assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    assert "no-store" in picture["Cache-Control"] or "no-cache" in picture["Cache-Control"]
    assert second_factor.uri(ada, key).startswith("otpauth://totp/Stratum%3Aada?secret=")
    assert not second_factor.enrolled(ada)
    page = client.post(ENROL, {"code": code_of(key)}).content.decode()
    assert len(re.findall(r"<li><code>([a-z2-9]{4}-){3}[a-z2-9]{4}</code>", page)) == 10
    assert second_factor.enrolled(ada)
    assert client.get(INDEX).status_code == 200


def test_a_wrong_code_sets_nothing_up(client, ada):
    password(client)
    enrol(client)
    assert "not the code" in client.post(ENROL, {"code": "000000"}).content.decode()
    assert not second_factor.enrolled(ada)


def test_setting_up_ends_the_other_sessions_and_changes_the_key_of_this_one(client, ada):
    other = Client()
    password(other)
    password(client)
    key, before = hexed(enrol(client)), client.session.session_key
    client.post(ENROL, {"code": code_of(key)})
    assert client.session.session_key != before
    assert client.get(INDEX).status_code == 200
    assert other.get(INDEX).status_code == 302


def test_another_app_takes_the_place_of_the_first_with_the_password_alone(client, ada, codes, key):
    password(client)
    client.post(CODE, {"code": code_of(key)})
    new = hexed(enrol(client))
    assert "not your password" in client.post(ENROL, {"code": code_of(new)}).content.decode()
    client.post(ENROL, {"code": code_of(new), "password": "right"})
    assert second_factor.verify(ada, code_of(key, 1), at=timezone.now()) == ""
    assert second_factor.verify(ada, code_of(new, 1), at=timezone.now()) == "app"


def test_nobody_sets_up_an_app_for_an_account_that_has_one_with_the_password_alone(client, codes, key):
    password(client)
    assert client.get(ENROL).status_code == 302
    assert client.post(ENROL, {"code": "000000"}).status_code == 302
    assert client.get(f"{ENROL}qr.png").status_code == 404


def test_nothing_of_it_opens_to_strangers(client):
    for url in (CODE, ENROL, MINE):
        assert client.get(url)["Location"].startswith("/admin/login/")
        assert client.post(url)["Location"].startswith("/admin/login/")
    assert client.get(f"{ENROL}qr.png").status_code == 404


def test_the_admin_shows_nobodys_keys():
    assert not any(model._meta.app_label.startswith(("otp", "django_otp")) for model in site._registry)


# --- Where it is demanded


@pytest.mark.parametrize(
    ("setting", "who", "demanded"),
    [
        ("none", "administrator", False),
        ("publishers", "administrator", True),
        ("publishers", "publish_post", True),
        ("publishers", "change_user", True),
        ("publishers", "change_post", False),
        ("all", "change_post", True),
    ],
)
def test_it_is_demanded_of_whom_the_setting_names(settings, setting, who, demanded):
    settings.REQUIRE_SECOND_FACTOR = setting
    user = get_user_model().objects.create_user("eve", is_staff=True, is_superuser=who == "administrator")
    user.user_permissions.set(Permission.objects.filter(codename=who))
    assert second_factor.required(user) is demanded


def test_whoever_must_have_one_is_led_to_it_first(client, ada, settings):
    settings.REQUIRE_SECOND_FACTOR = "publishers"
    answer = password(client)
    answer = client.get(answer["Location"], follow=True)
    assert answer.redirect_chain[-1][0].startswith(ENROL)
    assert "takes a minute" in answer.content.decode()
    assert client.get("/admin/blog/post/").status_code == 302
    key = hexed(enrol(client))
    client.post(ENROL, {"code": code_of(key)})
    assert client.get("/admin/blog/post/").status_code == 200
    assert client.post(MINE, {"_remove": "1", "password": "right"}).status_code == 200
    assert second_factor.enrolled(ada)


def test_turning_the_setting_on_reaches_sessions_that_are_open(client, ada, settings):
    password(client)
    assert client.get(INDEX).status_code == 200
    settings.REQUIRE_SECOND_FACTOR = "all"
    assert client.get(INDEX).status_code == 302


# --- Turning off, ending


def test_one_turns_it_off_with_the_password(client, ada, codes, key):
    password(client)
    client.post(CODE, {"code": code_of(key)})
    client.post(MINE, {"_remove": "1", "password": "wrong"})
    assert second_factor.enrolled(ada)
    client.post(MINE, {"_remove": "1", "password": "right"})
    assert not second_factor.enrolled(ada)
    assert client.get(INDEX).status_code == 302


def test_one_signs_out_everywhere_else(client, ada):
    other, bob = Client(), Client()
    get_user_model().objects.create_user("bob", password="right", is_staff=True)
    password(other)
    password(client)
    password(bob, "bob")
    assert client.post(MINE, {"_end": "1"}).status_code == 302
    assert client.get(INDEX).status_code == 200
    assert bob.get(INDEX).status_code == 200
    assert other.get(INDEX).status_code == 302


def test_a_changed_password_ends_the_other_sessions_and_changes_the_key_of_this_one(client, ada):
    other = Client()
    password(other)
    password(client)
    before, new = client.session.session_key, "much-longer-than-before"
    data = {"old_password": "right", "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), data).status_code == 302
    assert client.session.session_key != before
    assert client.get(INDEX).status_code == 200
    assert other.get(INDEX).status_code == 302


def test_it_is_all_in_the_log_without_a_code(client, ada):
    password(client)
    key = hexed(enrol(client))
    client.post(ENROL, {"code": code_of(key, -1)})
    client.post(reverse("admin:logout"))
    password(client)
    client.post(CODE, {"code": "424242"})
    client.post(CODE, {"code": code_of(key)})
    verbs = list(Event.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "login.succeeded",
        "second_factor.enrolled",
        "login.ended",
        "login.succeeded",
        "login.code_failed",
        "login.confirmed",
    ]
    assert "424242" not in str(list(Event.objects.values()))


def test_it_counts_the_sessions_that_it_ends(client, ada):
    password(client)
    assert sessions.end(ada, but=client.session.session_key) == 0
    assert sessions.end(ada) == 1
