import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from blog.models import direct as databases
from blog.models import servers
from blog.models.direct import direct, standing_in
from blog.transfer.backup.making import backup
from tests import make
from tests.conftest import storage_in


@pytest.fixture(scope="module")
def site(committed_rows):
    """A small site whose rows are committed, for programs of PostgreSQL to see: its folder of files."""
    for number in range(3):
        figure = make.figure(f"event-bus-{number}")
        make.post(
            slug=f"queue-{number}",
            body=f"## First\n\n“Queues” hold.\n\n![](figure:{figure.slug})\n",
            lead_figure=figure,
        )
    return committed_rows


@pytest.fixture(scope="module")
def archive(site, tmp_path_factory):
    """A backup of it."""
    path = tmp_path_factory.mktemp("backup") / "site.tar"
    backup(path, at=timezone.now(), pages=8)
    return path


@pytest.fixture
def elsewhere(site, tmp_path):
    """An empty database and empty folders in the place of the site's; gone afterwards."""
    name = f"{databases.name()}_elsewhere"
    servers.drop(name)
    servers.tell("CREATE DATABASE {} TEMPLATE template0", name)
    try:
        with standing_in(direct(name)), override_settings(**storage_in(tmp_path, settings.STORAGES)):
            yield tmp_path
    finally:
        servers.drop(name)


@pytest.fixture
def databases_there(site):
    """A function that tells which databases of this test's site there are, to see that none is left."""

    def names() -> list[str]:
        with servers.standing(direct(servers.MAINTENANCE)) as server, server.cursor() as cursor:
            mine = f"{databases.name()}%"
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY 1", [mine])
            return [name for (name,) in cursor.fetchall()]

    return names
