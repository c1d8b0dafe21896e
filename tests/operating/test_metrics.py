import os
import re
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from blog.models import Post, backups
from blog.operating import gauges, metrics, readiness
from blog.operating.soundness.finding import failure, ok
from blog.publishing import audit
from blog.publishing.tasks import tidy_listings
from tests import make

pytestmark = pytest.mark.django_db
needs_package = pytest.mark.skipif(
    not find_spec("prometheus_client"), reason="prometheus-client is not installed"
)
TOKEN = {"Authorization": "Bearer let-me-see"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The package keeps the files that it has opened first for as long as the process lives."""
    metrics.opened.cache_clear()
    yield tmp_path_factory.mktemp("data")
    metrics.opened.cache_clear()


@pytest.fixture
def watched(monkeypatch, settings, folder):
    """A site with a token; gives the findings of its checks to be changed."""
    settings.MONITOR_TOKEN = "let-me-see"
    settings.DATA = folder
    found = [ok("database", "It answers.")]
    monkeypatch.setattr(readiness.WATCH, "ask", lambda: found)
    return found


def read(client):
    response = client.get("/metrics", headers=TOKEN)
    assert response.status_code == 200
    return dict(re.findall(r"^(stratum_\S+) ([\d.e+-]+)$", response.content.decode(), re.MULTILINE))


def of(gauge):
    return {name: {tuple(labels): value for labels, value in values} for name, _, _, values in gauges.read()}[
        gauge
    ]


@needs_package
def test_it_counts_requests_by_view_and_answer(client, watched):
    make.post(slug="measured")
    before = read(client)
    for path in ("/posts/measured/", "/posts/measured/", "/posts/nobody/"):
        client.get(path)
    found = read(client)
    counted = 'stratum_request_seconds_count{method="GET",status="%s",view="post"}'
    more = [float(found[counted % status]) - float(before.get(counted % status, 0)) for status in (200, 404)]
    assert more == [2.0, 1.0]


@needs_package
def test_it_does_not_grow_by_what_strangers_ask_for(client, watched):
    for number in range(20):
        client.get(f"/no/such/page-{number}")
        client.generic(f"METHOD{number}", "/")
    client.get("/")
    named = {
        re.search(r'method="(\w+)",.*view="([\w-]+)"', name).groups()
        for name in read(client)
        if "_count" in name
    }
    assert {("GET", "none"), ("other", "home")} <= named
    assert {method for method, _ in named} <= {"GET", "other"} and len(named) < 10


@needs_package
def test_its_files_have_all_their_room_from_the_beginning(client, watched, folder):
    """What a mapped file lacks when it is written to, on a full disk, ends the process and what it was at."""
    client.get("/")
    read(client)
    mine = list((folder / "metrics").glob(f"*_{os.getpid()}.db"))
    assert {file.name.rpartition("_")[0]: file.stat().st_size for file in mine} == metrics.FILES
    assert all(file.stat().st_blocks * 512 >= file.stat().st_size for file in mine)


@needs_package
def test_it_serves_unmeasured_where_its_files_cannot_be_written(settings, tmp_path, client, caplog):
    settings.MONITOR_TOKEN, settings.DATA = "let-me-see", tmp_path
    (tmp_path / "metrics").write_text("no folder")
    metrics.opened.cache_clear()
    try:
        assert client.get("/").status_code == 200
        assert client.get("/metrics", headers=TOKEN).status_code == 503
    finally:
        metrics.opened.cache_clear()
    assert len([line for line in caplog.messages if "Nothing is measured" in line]) == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
def test_it_is_not_there_for_those_without_the_token(client, watched, headers):
    assert client.get("/metrics", headers=headers).status_code == 404


def test_it_is_not_there_where_no_token_is_set(client, settings):
    settings.MONITOR_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@needs_package
def test_it_is_no_page_that_a_cache_may_keep(client, watched):
    assert client.get("/metrics", headers=TOKEN)["Cache-Control"] == "no-store"


def test_it_tells_the_state_of_each_check(watched):
    watched.append(failure("disk", "Full.", "Make room."))
    assert of("check") == {("database",): 1.0, ("disk",): 0.0}


def test_it_tells_what_is_known_while_the_database_is_away(watched, django_assert_num_queries):
    watched[:] = [failure("database", "Away.", "Start it.")]
    with django_assert_num_queries(0):
        assert [name for name, *_ in gauges.read()] == ["check"]


def test_it_tells_how_long_work_has_waited(watched):
    assert of("task_wait_seconds") == {(): 0.0}
    tidy_listings.enqueue()
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=3))
    assert 180 <= of("task_wait_seconds")[()] < 200
    assert of("tasks")[("ready",)] == 1.0


def test_it_tells_how_old_the_newest_backup_is(watched):
    assert "backup_age_seconds" not in {name for name, *_ in gauges.read()}
    audit.record(backups.MADE, None, by=None, at=timezone.now() - timedelta(hours=1))
    assert 3600 <= of("backup_age_seconds")[()] < 3660


def test_it_tells_how_late_a_scheduled_draft_is(watched):
    Post.objects.filter(pk=make.post().pk).update(draft_at=timezone.now() - timedelta(minutes=2))
    assert 120 <= of("publish_delay_seconds")[()] < 140


@needs_package
def test_it_costs_the_database_a_handful_of_queries(client, watched, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        read(client)


@needs_package
def test_the_dashboard_asks_for_nothing_that_is_not_measured(client, watched):
    client.get("/")
    shown = client.get("/metrics", headers=TOKEN).content.decode()
    metrics.note_process()
    asked = set(re.findall(r"stratum_\w+", (Path(metrics.__file__).parent / "grafana.json").read_text()))
    # The pool and the page cache are left out of tests, and no backup was made.
    left_out = {
        "stratum_database_connections",
        "stratum_database_waits",
        "stratum_page_cache_total",
        "stratum_backup_age_seconds",
    }
    assert {one for one in asked if one not in shown} <= left_out
    assert len(asked) >= 7
