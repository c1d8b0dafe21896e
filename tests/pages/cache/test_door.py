import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from blog.pages.cache import flights, numbers
from blog.pages.cache.keys import BROTLI
from tests.pages.cache.doors import Site

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def site():
    return Site()


def test_a_page_is_made_once_and_then_answered_from_memory(site):
    first, second = site.get(), site.get()
    assert (first.how, second.how) == ("Stratum; fwd=uri-miss; stored", "Stratum; hit")
    assert first.status == second.status == 200 and first.body == second.body == site.behind.body
    assert len(site.behind.asked) == 1
    assert second.headers["Age"] == "0"


def test_what_moves_voids_it_at_once(site):
    site.get()
    site.behind.body = b"Other words"
    site.watch.move()
    again = site.get()
    assert again.body == b"Other words" and again.how == "Stratum; fwd=stale; stored"
    assert site.get().how == "Stratum; hit"


def test_what_is_due_voids_it_to_the_moment(site):
    due = datetime.now(UTC) + timedelta(seconds=1)
    site.watch.move(due)
    site.get()
    site.behind.body = b"Other words"
    assert site.get().body != b"Other words"
    time.sleep(max(0, (due - datetime.now(UTC)).total_seconds()))
    assert site.get().body == b"Other words"


def test_a_page_made_while_something_moved_is_not_kept_as_true(site):
    site.behind.before = site.watch.move
    before = numbers.discarded.value
    assert site.get().how == "Stratum; fwd=uri-miss"
    site.behind.before = lambda: None
    assert site.get().how == "Stratum; fwd=stale; stored"
    assert len(site.behind.asked) == 2 and numbers.discarded.value == before + 1


@pytest.mark.parametrize("path", ["/media/figures/ab/abc.png", "/posts/queues/"])
def test_a_503_for_another_reason_is_no_outage_of_the_database(site, path):
    site.behind.status, site.behind.headers = "503 Service Unavailable", [("Retry-After", "5")]
    assert site.get(path).status == 503
    assert not site.cache.outage.away
    site.behind.status, site.behind.headers = "200 OK", [("Content-Type", "text/html")]
    assert site.get("/").how == "Stratum; fwd=uri-miss; stored"


def test_while_nothing_is_known_of_the_present_each_request_is_answered_anew(site):
    site.watch.works = False
    site.watch.freshness.until = site.watch.freshness.lease = 0.0
    assert [site.get().how for _ in range(2)] == ["Stratum; fwd=uri-miss", "Stratum; fwd=stale"]
    assert len(site.behind.asked) == 2


def test_each_coding_is_sent_to_who_takes_it(site):
    plain, gzipped, brotli = (site.get(accept_encoding=name) for name in ("", "gzip", "gzip, br"))
    assert "Content-Encoding" not in plain.headers
    assert gzipped.headers["Content-Encoding"] == "gzip" and gzipped.body == plain.body
    assert brotli.headers["Content-Encoding"] == "br" and len(brotli.raw) < len(plain.raw)
    assert len({one.headers["ETag"] for one in (plain, gzipped, brotli)}) == 3
    assert len(site.behind.asked) == 1
    assert "HTTP_ACCEPT_ENCODING" not in site.behind.asked[0]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_is_told_so_without_a_render(site, form):
    tag = site.get(accept_encoding="br").headers["ETag"]
    answer = site.get(accept_encoding="br", if_none_match=form.format(tag))
    assert answer.status == 304 and answer.raw == b""
    assert answer.headers["ETag"] == tag and answer.headers["Vary"]
    assert not {"Content-Length", "Content-Type"} & set(answer.headers)


def test_who_has_another_coding_or_other_words_is_sent_it(site):
    tag = site.get(accept_encoding="br").headers["ETag"]
    assert site.get(accept_encoding="gzip", if_none_match=tag).status == 200
    site.behind.body = b"Other words"
    site.watch.move()
    assert site.get(accept_encoding="br", if_none_match=tag).status == 200


def test_a_tag_stays_good_when_something_else_moved(site):
    tag = site.get().headers["ETag"]
    site.watch.move()
    first, second = site.get(if_none_match=tag), site.get(if_none_match=tag)
    assert (first.status, second.status) == (304, 304)
    assert first.how == "Stratum; fwd=stale; stored"


def test_a_date_is_good_where_the_page_has_it(site):
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    site.behind.headers.append(("Last-Modified", date))
    site.get()
    assert site.get(if_modified_since=date).status == 304
    assert site.get(if_modified_since="Fri, 02 Jan 2026 00:00:00 GMT").status == 200
    assert site.get(if_modified_since=date, if_none_match='"other"').status == 200


def test_a_head_is_answered_from_the_page_without_its_body(site):
    head = site.get(method="HEAD")
    assert head.raw == b"" and head.headers["Content-Length"] == str(len(site.behind.body))
    assert site.behind.asked[0]["REQUEST_METHOD"] == "GET"
    assert site.get().how == "Stratum; hit"
    assert site.get(method="HEAD").how == "Stratum; hit"


def test_markdown_is_another_page(site):
    assert (
        site.get(accept=BROWSER).how
        == site.get(accept="text/markdown").how
        == "Stratum; fwd=uri-miss; stored"
    )
    assert site.get(accept="text/markdown").how == site.get(accept="*/*").how == "Stratum; hit"
    assert [one["HTTP_ACCEPT"] for one in site.behind.asked] == ["text/html", "text/markdown"]


def test_what_has_one_form_is_kept_once_whatever_is_preferred(site):
    for path in ("/posts/x.md", "/feed/", "/robots.txt"):
        site.get(path)
        assert site.get(path, accept="text/markdown").how == "Stratum; hit"


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc"},
        {"cookie": "theme=dark; sessionid=abc"},
        {"authorization": "Basic eDp5"},
        {"host": "evil.example"},
        {"host": ""},
        {"method": "POST"},
        {"path": "/admin/"},
        {"path": "/media/figures/a.png"},
        {"path": "/preview/abc/"},
        {"path": "/no/such/page/"},
        {"query": "level=%ff", "path": "/"},
    ],
)
def test_who_is_not_everybody_is_answered_by_django_and_leaves_nothing(site, headers):
    site.get(path=headers.get("path", "/posts/x/"))
    asked = len(site.behind.asked)
    answer = site.get(**headers)
    assert len(site.behind.asked) == asked + 1 and answer.how is None
    assert site.behind.asked[-1].get("HTTP_COOKIE") == headers.get("cookie")
    assert len(site.cache.store) <= 1


def test_cookies_that_sign_nobody_in_make_no_difference(site):
    site.get()
    assert site.get(cookie="theme=dark; csrftoken=abc").how == "Stratum; hit"


def test_nothing_of_a_client_reaches_a_page_for_everybody(site):
    site.get(
        cookie="csrftoken=abc", referer="https://example.org/", user_agent="Own", accept_language="de",
        if_none_match='"x"', range="bytes=0-1", x_forwarded_host="evil.example",
    )  # fmt: skip
    told = {name for name in site.behind.asked[0] if name.startswith("HTTP_")}
    assert told == {"HTTP_HOST", "HTTP_ACCEPT"}


def test_hosts_are_no_part_of_a_key(site, settings):
    settings.ALLOWED_HOSTS = [".example.org"]
    for number in range(300):
        assert site.get(host=f"n{number}.example.org").status == 200
    assert len(site.behind.asked) == 1 and len(site.cache.hosts) == 100


def test_parameters_that_no_page_reads_make_no_page(site):
    for number in range(50):
        site.get("/category/a/", f"level=300&utm_source={number}&x[{number}]={number}")
    assert len(site.behind.asked) == len(site.cache.store) == 1
    assert site.behind.asked[0]["QUERY_STRING"] == "level=300"


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("404 Not Found", ("X-A", "b")),
        ("301 Moved Permanently", ("Location", "/")),
        ("500 Internal Server Error", ("X-A", "b")),
        ("200 OK", ("Set-Cookie", "a=b")),
        ("200 OK", ("Cache-Control", "no-store")),
    ],
)
def test_what_is_for_nobody_else_passes_through(site, status, header):
    site.behind.status, site.behind.headers = status, [*site.behind.headers, header]
    for _ in range(2):
        answer = site.get()
        assert answer.status == int(status[:3]) and answer.headers[header[0]] == header[1]
        assert answer.raw == site.behind.body
    assert len(site.behind.asked) == 2 and len(site.cache.store) == 0


def test_a_page_that_is_too_large_passes_through_whole(site):
    site.behind.body = b"x" * 3_000_000
    for _ in range(2):
        assert site.get("/llms-full.txt").raw == site.behind.body
    assert len(site.cache.store) == 0


def test_a_thousand_simultaneous_misses_are_one_render(site, monkeypatch):
    monkeypatch.setattr(flights, "PATIENCE", 30)  # a busy machine takes its time to begin a hundred threads
    gate = threading.Event()
    site.behind.before = lambda: gate.wait(30)
    with ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(site.get) for _ in range(1_000)]
        while not site.behind.asked:
            time.sleep(0.01)
        gate.set()
        answers = [one.result() for one in asked]
    assert len(site.behind.asked) == 1
    assert {one.status for one in answers} == {200} and {one.raw for one in answers} == {site.behind.body}
    assert {one.how.split(";", 1)[1] for one in answers} <= {
        " hit", " fwd=uri-miss; stored", " fwd=uri-miss; collapsed",
    }  # fmt: skip


def test_who_waits_for_a_slow_page_holds_nobody_up(site, monkeypatch):
    monkeypatch.setattr(flights, "PATIENCE", 0.1)
    gate = threading.Event()
    site.behind.before = lambda: gate.wait(5) if len(site.behind.asked) == 1 else None
    with ThreadPoolExecutor(8) as pool:
        slow = pool.submit(site.get)
        while not site.behind.asked:
            time.sleep(0.01)
        began = time.monotonic()
        assert site.get("/posts/other/").status == 200
        others = [pool.submit(site.get) for _ in range(4)]
        assert {one.result().status for one in others} == {200}
        assert time.monotonic() - began < 2
        assert not slow.done()
        gate.set()


def test_the_memory_it_takes_is_bounded_whatever_is_asked():
    site = Site(most=400_000)
    for number in range(1_000):
        site.get(f"/posts/{number}/")
        site.get("/search/", f"q={number}")
    assert site.cache.store.bytes <= 400_000
    assert 20 < len(site.cache.store) < 400


def test_where_the_site_must_be_secure_what_is_not_passes_through(settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    site = Site()
    assert site.get().how is None
    secure = [site.get(x_forwarded_proto="https").how for _ in range(2)]
    assert secure == ["Stratum; fwd=uri-miss; stored", "Stratum; hit"]
    assert site.get(x_forwarded_proto="http").how is None


def test_it_counts_what_it_does(site):
    before = numbers.totals()
    site.get()
    tag = site.get(accept_encoding="br").headers["ETag"]
    site.get(accept_encoding="br", if_none_match=tag)
    site.get(cookie="sessionid=x")
    after = numbers.totals()
    assert {name: after[name] - before[name] for name in ("hits", "unchanged", "misses", "renders", "bypassed")} == {
        "hits": 2, "unchanged": 1, "misses": 1, "renders": 1, "bypassed": 1,
    }  # fmt: skip
    assert site.cache.store.pages.copies["/posts/x/"].codings[BROTLI] is not None
