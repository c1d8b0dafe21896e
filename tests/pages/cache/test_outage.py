"""Readers go on reading while PostgreSQL does whatever it may do."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlencode

import pytest
from psycopg.rows import dict_row

from tests.config.servers import wait_until
from tests.pages.cache.cluster import Cluster, SlowWire
from tests.pages.cache.processes import Served, served, within

pytestmark = pytest.mark.kills

READ = [
    "/",
    "/posts/p1/",
    "/posts/p1.md",
    "/tag/queues/",
    "/category/storage/",
    "/feed/",
    "/search/?q=post",
    "/sitemap.xml",
]
UNREAD = (f"/posts/p{number}/" for number in range(2, 28))
ASKED = (f"/search/?q=word{number}" for number in count())
SESSION = "a1" * 16
LONGEST = BACK = 2.0
"""Seconds that an answer may take, and that it may take until all is as before."""
AWAY = 'detail="database away"'


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster()
    try:
        made.fill(tmp_path_factory.mktemp("fill"))
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def running(cluster, folder):
    with served(folder, cluster.url) as site:
        yield site


@pytest.fixture
def site(running):
    read_all(running)
    return running


def read_all(site):
    """Until each worker has each page, as it is."""
    until = time.time() + 30
    for path in READ:
        while not all(page.how == "Stratum; hit" for page in site.everywhere(path)):
            assert time.time() < until, path


def readers(site, seconds, paths=READ):
    """What four readers at once are answered who read one page after the other, for so long."""

    def read(number):
        mine, pages = Served(site.port, site.pid), []
        until = time.time() + seconds
        while time.time() < until:
            pages += [mine.get(paths[(number + len(pages)) % len(paths)])]
            time.sleep(0.03)
        mine.close()
        return pages

    with ThreadPoolExecutor(4) as pool:
        return [page for pages in pool.map(read, range(4)) for page in pages]


def nobody_noticed(pages):
    assert [page.status for page in pages if page.status != 200] == []
    assert max(page.there - page.asked for page in pages) < within(LONGEST)


def is_back(site):
    """Whether every worker answers with what is committed, and makes pages that nobody has read."""
    known = all(page.status == 200 and AWAY not in page.how for page in site.everywhere("/"))
    return known and makes_pages(site)


def makes_pages(site):
    """Whether every worker answers with pages that nobody has read."""
    return all(site.get(next(ASKED)).status == 200 for _ in range(site.connections))


@contextmanager
def back_in_time(site):
    """Within two seconds of the end of the block all is as before."""
    yield
    ended = time.time()
    while not is_back(site):
        assert time.time() < ended + 30
    took = time.time() - ended
    assert took < within(BACK), took


def nothing_new(site):
    """What was not read before is not there; the page says so, and when to come back."""
    page = site.get(next(UNREAD))
    assert page.status == 503 and page.headers["retry-after"] == "5"
    assert "be made just now" in page.text and "content-security-policy" in page.headers
    assert page.there - page.asked < within(LONGEST)


def void(cluster):
    """All copies, as by a change of anything."""
    cluster.ask("INSERT INTO blog_move (moves) VALUES (1)", "NOTIFY stratum_moved", name="stratum")


def test_they_read_on_while_it_is_stopped(site, cluster):
    with back_in_time(site):
        cluster.stop("immediate")
        try:
            pages = readers(site, 4)
            nobody_noticed(pages)
            late = [page for page in pages if page.asked > pages[0].asked + 2.5]
            assert late and all(AWAY in page.how for page in late)
            page = site.get("/posts/p1/")
            assert page.headers["warning"].startswith("110 ") and int(page.headers["age"]) > 0
            assert "ttl=-" in page.how and "stale-if-error" in page.headers["cache-control"]
            assert site.get("/posts/p1/", if_none_match=page.headers["etag"]).status == 304
            assert site.get("/posts/p1/", "HEAD").status == 200
            nothing_new(site)
            assert site.get("/no/such/page").there - site.get("/healthz").asked < within(LONGEST)
        finally:
            cluster.start()


def test_they_read_on_while_it_begins_anew(site, cluster):
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(readers, site, 5)
        time.sleep(0.5)
        cluster.stop()
        cluster.start()
        nobody_noticed(reading.result())
    with back_in_time(site):
        pass


def test_they_read_on_while_it_is_frozen(site, cluster):
    with back_in_time(site), cluster.frozen():
        pages = readers(site, 7)
        nobody_noticed(pages)
        assert any(AWAY in page.how for page in pages)
        nothing_new(site)


def test_they_read_on_while_a_lock_holds_up_every_query(site, cluster):
    with back_in_time(site), cluster.connect("stratum") as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE blog_post, blog_listing IN ACCESS EXCLUSIVE MODE")
        void(cluster)
        pages = readers(site, 6)
        nobody_noticed(pages)
        assert any(AWAY in page.how for page in pages)
        waiting = other.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        ).fetchone()
        assert waiting[0] < 8  # whoever gave up does not wait on


def test_they_read_on_while_it_accepts_no_connection(site, cluster):
    with back_in_time(site):
        cluster.ask(
            "ALTER ROLE stratum CONNECTION LIMIT 0",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stratum'",
        )
        try:
            pages = readers(site, 4)
            nobody_noticed(pages)
            assert any(AWAY in page.how for page in pages)
            nothing_new(site)
        finally:
            cluster.ask("ALTER ROLE stratum CONNECTION LIMIT -1")


def test_while_it_only_reads_readers_get_new_pages_and_editors_are_told(site, cluster, folder):
    cluster.ask("ALTER DATABASE stratum SET default_transaction_read_only = on")
    cluster.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stratum'")
    try:
        wait_until(lambda: makes_pages(site), within(BACK), "what nobody has read is made again")
        pages = readers(site, 2, [*READ, "/posts/p28/"])
        nobody_noticed(pages)
        assert any("fwd=" in page.how for page in pages)
        before = (folder / "server.log").read_text().count("\n")
        # A refusal is an answer: however many editors try to save, readers are not told that nobody answers.
        for _ in range(8):
            answer = sign_in(site)
            assert answer.status == 503 and "Nothing can be saved just now" in answer.text
            assert makes_pages(site)
        lines = (folder / "server.log").read_text().splitlines()[before:]
        assert not [line for line in lines if "database is away" in line]
    finally:
        cluster.ask("ALTER DATABASE stratum RESET default_transaction_read_only")
        cluster.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'stratum'")
    with back_in_time(site):
        pass


def sign_in(site):
    """The answer to a form that was opened before, and sent now."""
    token = "a" * 32
    return site.get(
        "/admin/login/", "POST", cookie=f"csrftoken={token}", content_type="application/x-www-form-urlencoded",
        body=urlencode({"csrfmiddlewaretoken": token, "username": "ed", "password": "a long password"}),
    )  # fmt: skip


def test_an_editor_is_told_and_loses_no_word(site, cluster):
    words = "An evening's work, of more than eighty characters, with “quotes” & <marks>, and\nlines."
    token = "a" * 32
    cluster.stop("immediate")
    try:
        readers(site, 1)
        page = site.get(
            "/admin/blog/post/1/change/?_popup=1", "POST",
            cookie=f"csrftoken={token}; sessionid={SESSION}", content_type="application/x-www-form-urlencoded",
            body=urlencode({"csrfmiddlewaretoken": token, "title": "Mine", "body": words, "password": "hidden"}),
        )  # fmt: skip
        assert page.status == 503 and page.there - page.asked < within(LONGEST)
        assert "An evening&#x27;s work" in page.text and "&lt;marks&gt;, and\nlines." in page.text
        assert 'name="title" value="Mine"' in page.text and "hidden" not in page.text.replace(
            'type="hidden"', ""
        )
        assert (
            'action="/admin/blog/post/1/change/?_popup=1"' in page.text and "csrfmiddlewaretoken" in page.text
        )
        kept = site.get("/admin/", cookie=f"sessionid={SESSION}")
        assert kept.status == 503 and "be reached" in kept.text
        told = site.get("/admin/", cookie=f"sessionid={SESSION}", accept="application/json")
        assert told.status == 503 and '"away": true' in told.text
    finally:
        cluster.start()
    with back_in_time(site):
        pass


def entered(site):
    """The cookies of an editor who is signed in."""
    answer = sign_in(site)
    assert answer.status == 302, answer.text
    return {name: answer.cookies[name].value for name in ("csrftoken", "sessionid")}


def fields(cluster):
    """All that the form of the first post sends."""
    asked = (
        "SELECT title, slug, body, summary, learning_level_id AS learning_level, language, version AS seen_version,"
        " to_char(published_at, 'YYYY-MM-DD') AS published_at_0, to_char(published_at, 'HH24:MI:SS') AS published_at_1,"
        " (SELECT min(category_id) FROM blog_post_categories WHERE post_id = post.id) AS categories,"
        " (SELECT min(author_id) FROM blog_byline WHERE post_id = post.id) AS author FROM blog_post AS post WHERE id = 1"
    )
    with cluster.connect("stratum") as other:
        told = other.cursor(row_factory=dict_row).execute(asked).fetchone()
    rows = {"bylines-0-author": told.pop("author"), "bylines-0-position": 0}
    for prefix in ("bylines", "series_parts", "related_posts", "changes"):
        rows |= {f"{prefix}-TOTAL_FORMS": int(prefix == "bylines"), f"{prefix}-INITIAL_FORMS": 0}
    return told | rows | {"tags": "Queues"}


def save(site, editor, **words):
    """The answer to a post's form that an editor sends."""
    return site.get(
        "/admin/blog/post/1/change/", "POST", content_type="application/x-www-form-urlencoded",
        cookie="; ".join(f"{name}={value}" for name, value in editor.items()),
        body=urlencode({"csrfmiddlewaretoken": editor["csrftoken"], **words}),
    )  # fmt: skip


def test_an_editor_does_not_wait_for_what_another_has_locked(site, cluster, folder):
    editor, before = entered(site), (folder / "server.log").read_text().count("\n")
    words = fields(cluster) | {"title": "Mine, and no other’s"}
    with cluster.connect("stratum") as other:
        other.execute("BEGIN")
        other.execute("SELECT FROM blog_post WHERE id = 1 FOR UPDATE")
        page = save(site, editor, **words)
        assert page.status == 503, re.findall("errorlist.*", page.text)
        assert page.there - page.asked < within(LONGEST)
        assert "Something else is in the way just now" in page.text
        assert 'name="title" value="Mine, and no other’s"' in page.text
        assert makes_pages(site)
    assert save(site, editor, **words).status == 302
    assert "database is away" not in "".join((folder / "server.log").read_text().splitlines(True)[before:])


def test_an_editor_does_not_wait_for_a_server_that_is_frozen(site, cluster):
    editor = entered(site)
    with back_in_time(site), cluster.frozen():
        answers = [save(site, editor, title="Mine") for _ in range(4)]
        assert [page.status for page in answers] == [503] * 4
        assert max(page.there - page.asked for page in answers) < within(LONGEST)
        assert all('name="title" value="Mine"' in page.text for page in answers)
        # Once it is known, nobody tries.
        assert min(page.there - page.asked for page in answers) < within(0.5)


def test_what_an_editor_could_not_send_can_be_sent_again(site, cluster):
    editor = entered(site)
    cluster.stop("immediate")
    try:
        readers(site, 1)
        page = save(site, editor, title="Mine")
        assert page.status == 503
    finally:
        cluster.start()
    with back_in_time(site):
        pass
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
    again = save(site, editor, title="Mine", csrfmiddlewaretoken=token)
    assert again.status == 200 and 'value="Mine"' in again.text


def test_processes_that_start_while_it_is_away_serve_what_others_kept(site, cluster, folder):
    time.sleep(1)  # the copies are written by a thread
    cluster.stop("immediate")
    try:
        with served(folder, cluster.url) as fresh:
            pages = readers(fresh, 3)
            nobody_noticed(pages)
            assert all(AWAY in page.how for page in pages)
            assert all("Post 1" in fresh.get("/posts/p1/").text for _ in range(3))
            nothing_new(fresh)
            cluster.start()
            with back_in_time(fresh):
                pass
    finally:
        if not (cluster.folder / "data" / "postmaster.pid").exists():
            cluster.start()
    with back_in_time(site):
        pass


def test_nobody_notices_that_copies_cannot_be_written(cluster, tmp_path):
    (tmp_path / "pages").write_text("no folder")
    with served(tmp_path, cluster.url) as site:
        read_all(site)
        nobody_noticed(readers(site, 1))
        time.sleep(0.5)
    lines = (tmp_path / "server.log").read_text().splitlines()
    assert (
        1 <= len([line for line in lines if "No copies of pages can be written" in line]) <= 2
    )  # one a worker
    assert len(lines) < 8, lines


def test_they_read_on_while_each_query_takes_five_seconds(cluster, tmp_path):
    wire = SlowWire(cluster)
    try:
        with served(tmp_path, cluster.url_through(wire.folder)) as site:
            read_all(site)
            with back_in_time(site):
                wire.seconds = 5.0
                pages = readers(site, 8)
                nobody_noticed(pages)
                assert any(AWAY in page.how for page in pages)
                nothing_new(site)
                wire.seconds = 0.0
    finally:
        wire.close()


def test_the_log_says_once_that_it_is_away_and_once_that_it_is_back(site, cluster, folder):
    before = (folder / "server.log").read_text().count("\n")
    cluster.stop("immediate")
    try:
        readers(site, 3)
        for _ in range(20):
            site.get("/admin/", cookie=f"sessionid={SESSION}")
    finally:
        cluster.start()
    with back_in_time(site):
        pass
    lines = (folder / "server.log").read_text().splitlines()[before:]
    assert len([line for line in lines if "The database is away" in line]) == 2  # one a worker
    assert len([line for line in lines if "The database is back" in line]) == 2
    assert len(lines) < 20, lines
