import json
import resource
import stat
import tarfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from blog.models import Figure, Post
from blog.models.backups import MADE, newest
from blog.models.direct import MIGRATING, direct
from blog.models.figure import originals
from blog.models.servers import CannotWork
from blog.transfer.backup.archive import Archive
from blog.transfer.backup.errors import BackupError
from blog.transfer.backup.making import backup
from blog.transfer.backup.verifying import verify


@contextmanager
def largest_file(size):
    """No file of this process may grow beyond; what the kernel says then is what it says of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_it_holds_every_file_that_a_row_names(archive):
    figure = Figure.objects.get(slug="event-bus-1")
    with Archive(archive) as found:
        assert f"media/{figure.image.name}" in found.members
        stored = b"".join(found.read(f"originals/{figure.original.name}"))
    assert stored == originals().open(figure.original.name).read()


def test_it_tells_versions_and_settings_and_no_secret(archive, settings):
    with Archive(archive) as found:
        head = found.head
    assert head["versions"]["django"].startswith("5.2") and head["versions"]["postgresql_major"] >= 15
    assert "blog.0002_models" in head["migrations"] and head["settings"]["SITE_URL"] == settings.SITE_URL
    assert settings.SECRET_KEY not in json.dumps(head)
    with tarfile.open(archive) as plain:
        assert not any("secret" in name for name in plain.getnames())


def test_it_is_closed_to_others_and_leaves_nothing_beside_it(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert list(archive.parent.iterdir()) == [archive]


def test_it_refuses_a_file_that_is_there_unless_told(site, tmp_path):
    path = tmp_path / "site.tar"
    path.write_text("mine")
    with pytest.raises(BackupError, match="there already"):
        backup(path, at=timezone.now())
    assert path.read_text() == "mine"
    backup(path, at=timezone.now(), overwrite=True, pages=0)
    Archive(path).file.close()


def test_it_says_how_to_mend_it_where_no_page_can_be_rendered(site, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.statics.HashedModules"}}
    with pytest.raises(BackupError, match="collectstatic"):
        backup(tmp_path / "site.tar", at=timezone.now())
    assert list(tmp_path.iterdir()) == []
    backup(tmp_path / "site.tar", at=timezone.now(), pages=0)


def test_it_refuses_a_link_that_leads_nowhere(site, tmp_path):
    path = tmp_path / "site.tar"
    path.symlink_to(tmp_path / "none")
    with pytest.raises(BackupError, match="there already"):
        backup(path, at=timezone.now())
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("size", [100, 5_000, 60_000])
def test_it_leaves_nothing_when_the_disk_is_full(site, tmp_path, size):
    with largest_file(size), pytest.raises(BackupError, match=r"disk of .* is full"):
        backup(tmp_path / "site.tar", at=timezone.now(), pages=0)
    assert list(tmp_path.iterdir()) == []


def test_it_says_that_a_folder_is_missing(site, tmp_path):
    with pytest.raises(BackupError, match=r"no/such.*can't be written: No such file"):
        backup(tmp_path / "no" / "such" / "site.tar", at=timezone.now())


def test_it_says_that_no_pg_dump_is_there(site, tmp_path, settings):
    settings.POSTGRES_PROGRAM = lambda name, major: None
    with pytest.raises(CannotWork, match="No pg_dump of PostgreSQL"):
        backup(tmp_path / "site.tar", at=timezone.now())
    assert list(tmp_path.iterdir()) == []


def test_it_gives_pg_dumps_own_words(site, tmp_path, settings):
    settings.POSTGRES_PROGRAM = lambda name, major: ("/bin/false", major)
    with pytest.raises(BackupError, match="pg_dump failed"):
        backup(tmp_path / "site.tar", at=timezone.now())


def test_it_is_of_one_instant_while_editors_work(site, tmp_path):
    """Every editor's change moves two rows; a backup that saw one alone would be of no instant at all."""
    done = threading.Event()
    written = []

    def edit():
        one, other = Post.objects.order_by("pk")[:2]
        number = 0
        try:
            while not done.is_set():
                number += 1
                with transaction.atomic():
                    Post.objects.filter(pk=one.pk).update(summary=f"Number {number}.")
                    Post.objects.filter(pk=other.pk).update(summary=f"Number {number}.")
                written.append(number)
        finally:
            connection.close()

    before = list(Post.objects.values_list("pk", "summary"))
    editor = threading.Thread(target=edit)
    editor.start()
    try:
        backup(tmp_path / "site.tar", at=timezone.now(), say=lambda _: None)
    finally:
        done.set()
        editor.join()
        for pk, summary in before:
            Post.objects.filter(pk=pk).update(summary=summary)
    assert len(written) > 10
    # Rows, checksums and rendered pages were read apart from the dump; they agree with what comes out of it.
    assert verify(tmp_path / "site.tar", at=timezone.now()).not_compared == ""


def test_it_tells_of_files_that_storage_has_lost(site, tmp_path):
    name = Figure.objects.get(slug="event-bus-2").image.name
    data = default_storage.open(name).read()
    default_storage.delete(name)
    try:
        made = backup(tmp_path / "site.tar", at=timezone.now(), pages=0)
    finally:
        Path(default_storage.path(name)).write_bytes(data)
    assert made.missing == [f"media/{name}"]


def test_it_writes_into_the_log_when_it_was_made(site, tmp_path):
    at = timezone.now()
    backup(tmp_path / "site.tar", at=at, pages=0)
    assert newest(MADE) == at


def test_it_waits_for_a_migration_to_end(site, tmp_path):
    said = []
    other = direct()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])

    def say(words):
        said.append(words)
        other.close()

    backup(tmp_path / "site.tar", at=timezone.now(), pages=0, say=say)
    assert said[:2] == ["Waiting for a migration to end …", "Database …"]


def test_it_leaves_the_sites_own_connection_in_place(site, tmp_path):
    former = connections["default"]
    backup(tmp_path / "site.tar", at=timezone.now(), pages=0)
    assert connections["default"] is former and Post.objects.count() == 3
