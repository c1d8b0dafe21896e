"""The headers of every kind of answer, judged by the rules of Mozilla's HTTP Observatory:
https://github.com/mdn/mdn-http-observatory/blob/main/src/grader/charts.js"""

import gzip
import os
import subprocess
import sys

import pytest
from csp.decorators import csp_update
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client

from config import headers
from config.headers import ContentPolicy
from tests import make
from tests.config.servers import ROOT, environment

HALF_A_YEAR = 15_768_000
READERS = [
    "/", "/posts/queues/", "/posts/queues.md", "/category/", "/category/storage/", "/feed/", "/feed/atom/", "/feed/json/", "/feeds.opml",
    "/sitemap.xml", "/robots.txt", "/llms.txt", "/healthz", "/search/?q=queues", "/figures/", "/archive/", "/series/",
    "/nowhere/", "/nowhere.png", "/?before=x", "/%00", "/posts/queues", "/static/css/base.css", "/static/nowhere.css", "/media/nowhere.png",
    "/preview/x/", "/admin/login/", "/admin/", "/admin/code/",
]  # fmt: skip
EDITORS = [
    "/admin/",
    "/admin/blog/post/",
    "/admin/blog/post/add/",
    "/admin/sign-in/",
    "/admin/sign-in/app/",
    "/admin/nowhere/",
    "/admin/blog/event/",
]


@pytest.fixture
def https(settings):
    """The settings that an https SITE_URL makes."""
    settings.SECURE = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = (
        settings.SECURE_SSL_REDIRECT
    ) = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


def browser(**options):
    return Client(headers={"X-Forwarded-Proto": "https"}, raise_request_exception=False, **options)


def faults(response) -> list[str]:
    """What would cost points, or miss a bonus."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    policy = {
        name: set(values)
        for name, *values in (
            part.split() for part in headers.get("content-security-policy", "").split(";") if part.strip()
        )
    }
    cookies = response.cookies.items()
    hsts = headers.get("strict-transport-security", "")
    rules = {
        "no default-src 'none'": policy.get("default-src") == {"'none'"},
        "inline or eval": not any("unsafe" in word for words in policy.values() for word in words),
        "a scheme or a star as a source": not any(word in {"*", "http:", "https:", "data:"} for words in policy.values() for word in words),
        "base-uri": policy.get("base-uri") in ({"'none'"}, {"'self'"}),
        "form-action": "form-action" in policy,
        "frame-ancestors": policy.get("frame-ancestors") == {"'none'"},
        "HSTS": hsts.startswith("max-age=") and int(hsts[8:].split(";")[0]) >= HALF_A_YEAR,
        "nosniff": headers.get("x-content-type-options") == "nosniff",
        "framing": headers.get("x-frame-options") == "DENY",
        "referrer": headers.get("referrer-policy") in {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"},
        "CORP": headers.get("cross-origin-resource-policy") in {"same-origin", "same-site", "cross-origin"},
        "COOP": headers.get("cross-origin-opener-policy") == "same-origin",
        "open to other origins with cookies": "access-control-allow-credentials" not in headers,
        "permissions": "camera=()" in headers.get("permissions-policy", ""),
        "a cookie without Secure": all(cookie["secure"] for _, cookie in cookies),
        "a cookie that scripts read": all(cookie["httponly"] for _, cookie in cookies),
        "a cookie without SameSite": all(cookie["samesite"] for _, cookie in cookies),
        "a cookie that another host may set": all(name.startswith(("__Host-", "__Secure-")) for name, _ in cookies),
    }  # fmt: skip
    return [fault for fault, fine in rules.items() if not fine]


@pytest.fixture
def queues(db):
    return make.post("Queues", slug="queues")


def test_every_answer_to_readers_scores_full_marks(https, queues):
    client = browser()
    told = {url: faults(client.get(url)) for url in READERS}
    assert {url: found for url, found in told.items() if found} == {}


def test_every_answer_to_editors_scores_full_marks(https, queues):
    client = browser()
    client.force_login(get_user_model().objects.create_superuser("ada", password="right"))
    told = {url: faults(client.get(url)) for url in [*EDITORS, "/"]}
    assert {url: found for url, found in told.items() if found} == {}
    assert faults(browser().post("/admin/login/", {"username": "ada", "password": "right"})) == []


def test_a_page_that_failed_scores_full_marks(https, queues, monkeypatch):
    monkeypatch.setattr("blog.pages.listings.Home.get", lambda *given, **more: 1 / 0)
    answer = browser().get("/")
    assert answer.status_code == 500
    assert faults(answer) == []


def test_a_strange_host_and_plain_http_get_the_policies_too(https):
    strange = browser().get("/", headers={"Host": "evil.example"})
    assert strange.status_code == 400
    plain = Client().get("/posts/queues/?level=300", headers={"Host": "localhost"})
    assert (plain.status_code, plain["Location"]) == (301, "https://localhost/posts/queues/?level=300")
    for answer in (strange, plain):
        # Browsers heed HSTS over https alone; the redirect itself is what counts here.
        assert set(faults(answer)) <= {"HSTS"}


def test_a_picture_may_be_shown_by_feed_readers_and_do_nothing(https, queues):
    figure = make.figure()
    make.post(lead_figure=figure)
    answer = browser().get(figure.image.url)
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert set(faults(answer)) <= {"HSTS"}


@pytest.mark.django_db
def test_readers_get_no_cookie(https, queues):
    client = browser()
    assert [url for url in READERS if not url.startswith("/admin") and client.get(url).cookies] == []


@pytest.mark.django_db
def test_the_policies_are_the_same_every_time(https, queues):
    """Nothing of a request is in them: a cache keeps them with the page."""
    first, second = browser().get("/"), browser().get("/")
    for name in ("Content-Security-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"):
        assert first[name] == second[name]


def test_every_process_words_the_policy_alike():
    read = "import django; django.setup(); from config.headers import ContentPolicy as P; print(P(id).policy)"
    told = {
        subprocess.run(
            [sys.executable, "-c", read], cwd=ROOT, capture_output=True, text=True, check=True,
            env=environment(PYTHONHASHSEED=seed, DJANGO_SETTINGS_MODULE="config.settings"),
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1 and "default-src 'none'" in told.pop()


def test_a_view_keeps_its_own_policy(rf):
    response = csp_update({"img-src": ["https://pictures.example"]})(lambda request: HttpResponse())(
        rf.get("/")
    )
    answer = ContentPolicy(lambda request: response)(rf.get("/"))
    assert "https://pictures.example" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_it_compresses_pages(client):
    make.post()
    plain = client.get("/").content
    response = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.content) == plain


SETTINGS = "from django.conf import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS)"


def test_a_site_behind_https_passes_every_check_of_a_deployment(tmp_path):
    env = environment(
        SITE_URL="https://blog.example.org",
        ALLOWED_HOSTS="blog.example.org",
        BEHIND_PROXY="true",
        DATABASE_URL="postgres://u:p@127.0.0.1:1/x",
        SECRET_KEY=os.urandom(40).hex(),
        STRATUM_DATA=str(tmp_path),
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "WARNINGS" not in done.stderr
    done = subprocess.run([sys.executable, "-c", SETTINGS], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "31536000"]


@pytest.mark.django_db
def test_it_compresses_a_page_that_is_sent_again_once(client, monkeypatch):
    make.post("Queues")
    plain = client.get("/").content
    headers.compressed.clear()
    first = client.get("/", headers={"Accept-Encoding": "gzip"})
    monkeypatch.setattr(headers.gzip, "compress", None)
    again = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(again.content) == plain
    assert again.content == first.content
    assert (again["Content-Encoding"], again["Content-Length"]) == ("gzip", str(len(again.content)))
    assert "Accept-Encoding" in again["Vary"]
    assert client.get("/").content == plain
