"""Odd input at every address, readers' and editors': clear answers, never a crash.

The addresses are read from the site itself, so that a new one is tried without being named.
"""

import time
from itertools import count

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from blog import urls
from blog.models import LearningPath, Series
from tests import make
from tests.admin.test_access import ALL, path_of

pytestmark = pytest.mark.long
ODD = {
    "number": "-9223372036854775809",
    "float": "1e309",
    "text": "nonsense",
    "nul": "a%00b",
    "bad utf-8": "%ff%fe%80",
    "surrogate": "%ed%a0%80",
    "10 kB": "x" * 10_000,
    "quotes": "'%22;--%5c",
    "lookup": "__class__",
    "format": "%25s%28x%29s{0}",
    "template": "{{7*7}}{%25 debug %25}",
    "lines": "a%0d%0aSet-Cookie:x=1",
    "operators": "%26%7c%21%28%29%3c-%3e%2a" * 20,
    "digits": "%d9%a1%d9%a2%d9%a3",
}
READERS = [
    "q",
    "level",
    "before",
    "after",
    "category",
    "tag",
    "author",
    "series",
    "year",
    "month",
    "sort",
    "page",
    "narrow",
    "kind",
    "preview",
    "from",
    "lang",
]
EDITORS = ["q", "o", "p", "e", "all", "state", "category", "learning_level__id__exact", "id__in", "_popup", "_to_field", "days", "by", "verb", "next", "term", "app_label", "month", "version", "a", "b", "s", "_changelist_filters"]  # fmt: skip
FINE = {200, 301, 302, 304, 400, 403, 404, 405, 406, 409, 413}


@pytest.fixture(scope="module")
def site(module_rows):
    """One of everything that has an address."""
    post = make.post("Queues", slug="queues", tags=["load"])
    series = Series.objects.create(title="Load", slug="load")
    make.path("Way", "way", steps=[(post, "Because")])
    make.figure("event-bus")
    return series, LearningPath


GIVEN = {
    "post": "queues", "series": "load", "learning-path": "way", "figure": "event-bus", "tag": "load", "author": "ada-ferrant",
    "category": "storage", "level": "intermediate-200", "preview": "token", "media": "x.png", "year": 2026, "month": 1,
}  # fmt: skip
WORDS = {"slug": "queues", "tree": "storage", "kind": "rss"}


def readers() -> list[str]:
    """Every address of `blog.urls`, with something in it that is there, or might be."""
    found = []
    for one in urls.urlpatterns:
        assert isinstance(one, URLPattern)
        name = str(one.name).removesuffix("-feed")
        values = {}
        for part in one.pattern.regex.groupindex:
            if part == "slug":
                values[part] = GIVEN.get(name, "queues")
            elif part == "kind":
                values[part] = (
                    "atom"
                    if one.name.endswith("-feed")
                    else "posts"
                    if "parts" in str(one.pattern)
                    else "pages"
                )
            elif part == "number":
                values[part] = 1
            else:
                values[part] = GIVEN.get(part, GIVEN.get(name, "x"))
        found.append(reverse(one.name, kwargs=values))
    return sorted(set(found))


@pytest.fixture
def reader():
    return Client(raise_request_exception=False)


@pytest.fixture
def editor(db):
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("editor", password="pass"))
    return client


def crashes(client, addresses):
    """Those that are answered with something that no address should answer."""
    return [
        (address[:150], answer.status_code)
        for address in addresses
        if (answer := client.get(address)).status_code not in FINE
    ]


def rotated(paths, names):
    """Each parameter at each address, with one odd value, each in its turn; as an array too."""
    turn, values = count(), list(ODD.values())
    return [
        f"{path}?{name}{'[]' if (n := next(turn)) % 7 == 0 else ''}={values[n % len(values)]}&{name}=2"
        for path in paths
        for name in names
    ]


def test_it_finds_all_addresses():
    assert len(readers()) > 45
    assert {"/", "/posts/queues/", "/search/", "/search/feed/atom/", "/category/learning-levels/"} <= set(
        readers()
    )
    assert get_resolver()


def test_no_parameter_of_any_readers_address_crashes_it(reader, site):
    assert crashes(reader, rotated(readers(), READERS)) == []


@pytest.mark.parametrize("path", ["/", "/search/", "/figures/", "/category/storage/", "/search/feed/"])
def test_no_value_crashes_the_pages_that_read_many(reader, site, path):
    names = ("q", "level", "before", "after", "category", "year", "sort", "from")
    assert crashes(reader, [f"{path}?{name}={value}" for name in names for value in ODD.values()]) == []


def test_no_parameter_of_any_editors_address_crashes_it(editor, site):
    paths = [path_of(one, 1) for one in ALL]
    turn = count()
    addresses = rotated(paths, ["q", "p"]) + [
        f"{path}?{EDITORS[(n := next(turn)) % len(EDITORS)]}={list(ODD.values())[n % len(ODD)]}"
        for path in paths
        for _ in range(3)
    ]
    assert crashes(editor, addresses) == []


@pytest.mark.parametrize(
    "key", ["9223372036854775808", "-1", "a%00b", "%ff", "x" * 5_000, "1%0a", "..%2f..%2fetc", "_5F"]
)
def test_no_key_crashes_a_form_of_the_admin(editor, site, key):
    models = (
        "post",
        "category",
        "tag",
        "figure",
        "author",
        "series",
        "learningpath",
        "learninglevel",
        "address",
        "event",
    )
    assert (
        crashes(
            editor,
            [
                f"/admin/blog/{model}/{key}/{page}/"
                for model in models
                for page in ("change", "delete", "history")
            ],
        )
        == []
    )


PATHS = [
    "/%00", "/posts/queues/%0a", "/posts/queues%0a/", "/posts/%0d%0aSet-Cookie:%20x=1/", "/%ff/", "/" + "a/" * 2_000,
    "/media/../../etc/passwd", "/media/%2e%2e/%2e%2e/etc/passwd.png", "/media/..%2f..%2fsecret_key", "/media//etc/passwd.png", "/media/x%00.png",
    "/static/../config/settings.py", "/static/%2e%2e/manage.py", "/static//etc/passwd", "/archive/99999999999999999999/", "/archive/2026/13/",
    "/archive/0/", "/sitemap-posts-99999999999999999999.xml", "/posts/" + "%e5%90%8d" * 500 + "/", "/category/" + "x/" * 500, "/tag/%2e/",
    "/\\evil.example/", "/posts/queues/feed/", "/feed/../../", "/posts/queues.md%0a", "/search/feed/atom/x", "/preview/" + "x" * 3_000 + "/",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_no_path_crashes_or_leads_astray(reader, site, path):
    answer = reader.get(path)
    assert answer.status_code in {301, 400, 404}, path
    assert "Set-Cookie" not in str(answer.headers) and "\n" not in str(answer.headers.get("Location", ""))
    if answer.status_code == 301:
        assert answer["Location"].startswith("/") and not answer["Location"].startswith(("//", "/\\"))
    body = b"".join(answer) if answer.streaming else answer.content
    assert b"root:" not in body and b"DATABASE_URL" not in body


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/", "/\\evil.example", "///evil.example/..", "//evil.example/%2e%2e"],
)
def test_no_address_leads_to_another_site(reader, site, path):
    answer = reader.get("/x", PATH_INFO=path)
    assert answer.status_code in {301, 400, 404}
    assert not answer.get("Location", "").replace("\\", "/").startswith(("//", "http"))


def test_a_newline_at_the_end_is_another_address(reader, site):
    assert reader.get("/posts/queues/").status_code == 200
    for path in (
        "/posts/queues/%0a",
        "/posts/queues%0a",
        "/tag/load%0a/",
        "/figures/event-bus%0a/",
        "/robots.txt%0a",
    ):
        assert reader.get(path).status_code in {301, 404}, path


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost@evil.example",
        "localhost:80@evil.example",
        "localhost:x",
        "[::1",
        "a" * 3_000,
        "127.0.0.1, evil.example",
    ],
)
def test_a_strange_host_is_refused_and_never_repeated(reader, site, host):
    answer = reader.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host",
        "X-Host",
        "Forwarded",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
    ],
)
def test_headers_of_a_proxy_poison_nothing(reader, site, header):
    plain = reader.get("/posts/queues/").content
    assert reader.get("/posts/queues/", headers={header: "evil.example"}).content == plain


SEARCHES = {
    "operators": "& | ! ( ) <-> * : ' " * 500,
    "wildcards": "a* " * 500,
    "quotes": '"' * 1_501,
    "minus": "-" * 5_000,
    "fields": "level:300 " * 500,
    "words": " ".join(f"word{n}" for n in range(1_500)),
    "or": "queues or " * 700,
    "regex": "(a+)+$" * 300,
    "scripts": "名前🙂عربى" * 300,
}


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_takes_long_or_shows_how_it_is_asked(reader, site, name):
    reader.get("/search/", {"q": "warm up"})
    began = time.process_time()
    answer = reader.get("/search/", {"q": SEARCHES[name]})
    assert answer.status_code in {200, 400}
    assert time.process_time() - began < 0.5
    for word in (b"tsquery", b"SELECT", b"syntax error"):
        assert word not in answer.content


@pytest.mark.parametrize(
    "path", ["/", "/posts/queues/", "/search/", "/admin/login/", "/healthz", "/feed/", "/media/x.png"]
)
@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X" * 200]
)
def test_no_method_crashes_an_address(reader, site, path, method):
    assert reader.generic(method, path).status_code < 500


def test_a_form_of_thousands_of_fields_is_refused(editor, site):
    many = {f"field{n}": "x" for n in range(2_000)}
    assert editor.post("/admin/blog/post/add/", many).status_code == 400
    assert editor.post("/admin/login/", {"username": "x" * 3_000_000}).status_code in {200, 400, 413}
    files = "".join(
        f'--b\r\nContent-Disposition: form-data; name="f{n}"; filename="x"\r\n\r\n\r\n' for n in range(300)
    )
    answer = editor.generic(
        "POST", "/admin/blog/post/add/", f"{files}--b--", "multipart/form-data; boundary=b"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\nContent-Disposition: form-data; name=\"title\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n--b--",
        b"--b\r\nContent-Disposition: form-data; name=\"t\"; filename=\"../../x\"\r\nContent-Transfer-Encoding: base64\r\n\r\n====\r\n--b--",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        b"--b" * 5_000,
        b"",
        b"--b\r\n" + b"X: y\r\n" * 20_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "b" * 300,
        "application/x-www-form-urlencoded; charset=nonsense",
        "multipart/form-data; boundary=é",
    ],
)
def test_no_body_crashes_a_form(editor, site, body, kind):
    for path in ("/admin/blog/post/add/", "/admin/login/", "/admin/blog/figure/add/"):
        assert editor.generic("POST", path, body, kind).status_code in FINE
