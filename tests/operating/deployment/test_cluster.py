"""Two web nodes, PgBouncer, a primary, a standby, nginx and a bucket: each is killed, or hangs, while readers read."""

import os

import pytest

from tests.config.servers import ROOT, wait_until

pytest.importorskip("storages", reason="the extra s3 could not be installed here")
pytestmark = [
    pytest.mark.kills,
    pytest.mark.skipif(" " in str(ROOT), reason="units can't name a folder with blanks"),
]

from tests.config.buckets import Endpoint  # noqa: E402 - only where there are its packages
from tests.operating.deployment.cluster import Cluster, Readers, fetch  # noqa: E402 - as above

BOUND = 1.5
"""Seconds after which every page shows what was published: the second of the page cache, and some for a busy machine."""


def within(seconds):
    """So many, and more where others keep all processors busy."""
    return seconds * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture
def endpoint():
    made = Endpoint()
    yield made
    made.kill()


@pytest.fixture
def cluster(endpoint):
    made = Cluster(endpoint)
    yield made
    made.close()


def published(cluster, title):
    wait_until(lambda: cluster.editor.publish(title)["done"], 20, f"“{title}” is published")


def test_it_loses_no_word_and_fails_no_reader_while_each_part_is_killed(cluster, endpoint):
    picture = cluster.editor.publish("One", pictured=True)["picture"]
    readers = Readers(cluster.ports["nginx"], ["/", "/posts/one/", picture])
    readers.read_on(20)

    for node, title in ((cluster.a, "Two"), (cluster.b, "Three")):
        node.kill()
        published(cluster, title)
        readers.read_on(20)
        node.start()

    cluster.a.freeze()
    published(cluster, "Three and a half")
    readers.read_on(10)
    cluster.a.thaw()
    readers.read_on(20)

    wait_until(lambda: cluster.standby.reads() > 0, 15, "readers are answered from the standby")
    cluster.standby.kill()
    published(cluster, "Four")
    readers.read_on(20)
    cluster.standby.start()

    cluster.pooler.kill()
    assert not cluster.editor.publish("Never")["done"]
    readers.read_on(40)
    cluster.pooler.start()
    published(cluster, "Five")

    # From now on a commit is one only when the standby has it too.
    cluster.primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    cluster.primary.ask("SELECT pg_reload_conf()")
    published(cluster, "Six")
    endpoint.kill()
    readers.read_on(20)

    cluster.primary.kill()
    readers.read_on(80)
    cluster.standby.promote()
    cluster.standby.ask("ALTER SYSTEM SET synchronous_standby_names = ''")
    cluster.standby.ask("SELECT pg_reload_conf()")
    cluster.point_to(cluster.standby)
    published(cluster, "Seven")
    readers.read_on(20)
    # The new primary is named to the nodes, one after the other.
    for node in (cluster.a, cluster.b):
        node.env = node.env | {
            "DATABASE_DIRECT_URL": cluster.url(cluster.standby.port),
            "DATABASE_REPLICA_URL": "",
        }
        node.stop()
        node.start()
    published(cluster, "Eight")
    readers.read_on(40)
    readers.end()

    failed = [
        (round(asked, 1), path, status, text[:200])
        for asked, _, path, status, text in readers.seen
        if status != 200
    ]
    assert not failed, f"{len(failed)} of {len(readers.seen)} requests failed: {failed[:5]}\n{cluster.said()}"
    for paths, most in (({"/", "/posts/one/"}, 5), ({picture}, 7)):
        slowest = max(took for _, took, path, *_ in readers.seen if path in paths)
        assert slowest < within(most), f"somebody waited for {slowest:.1f} s for one of {paths}"
    bound = within(BOUND)
    stale = [
        (title, round(asked - done, 2))
        for done, title in cluster.editor.published
        for asked, _, path, _, text in readers.seen
        if path == "/" and asked > done + bound and f">{title}<" not in text
    ]
    assert not stale, f"pages without what was published, and how many seconds after: {stale[:5]}"
    for node in (cluster.a, cluster.b):
        wait_until(lambda node=node: not missing(cluster, node), bound, "a node shows all that was published")


def missing(cluster, node):
    """The titles that its front page does not show, or what it answers instead of one."""
    status, text, _ = fetch(node.port, "/")
    return [title for _, title in cluster.editor.published if status != 200 or f">{title}<" not in text]
