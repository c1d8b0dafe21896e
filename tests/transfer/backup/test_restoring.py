import pytest
from django.db import connection, connections

from blog.models import Figure, Post, servers
from blog.models import direct as databases
from blog.models.figure import originals
from blog.transfer.backup import postgres
from blog.transfer.backup.archive import Archive
from blog.transfer.backup.errors import BackupError, Different, Hostile, WrongVersion
from blog.transfer.backup.restoring import restore

from .archives import rebuilt, with_member


def tables():
    connection.close()
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def test_it_brings_rows_and_files_to_an_empty_place(archive, elsewhere, databases_there):
    before = databases_there()
    done = restore(archive)
    assert Post.objects.count() == 3 and done.pending == [] and done.files
    figure = Figure.objects.get(slug="event-bus-1")
    assert figure.image.read() and originals().open(figure.original.name).read()
    assert databases_there() == before


def test_it_makes_the_database_where_there_is_none(archive, elsewhere):
    name = databases.name()
    connections.close_all()
    servers.tell("DROP DATABASE {}", name)
    restore(archive)
    assert Post.objects.count() == 3


def test_it_brings_rows_to_a_server_that_takes_other_characters_for_letters(archive, elsewhere):
    name = databases.name()
    with connection.cursor() as cursor:
        cursor.execute("SELECT datctype FROM pg_database WHERE datname = current_database()")
        other = "C.UTF-8" if cursor.fetchone()[0] == "C" else "C"
    connections.close_all()
    servers.tell("DROP DATABASE {}", name)
    servers.tell(f"CREATE DATABASE {{}} TEMPLATE template0 LC_CTYPE '{other}'", name)
    restore(archive)
    assert Post.objects.count() == 3


@pytest.fixture
def inhabited(elsewhere):
    """Somebody's database and folders in the place where a backup would go."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine AS SELECT 1 AS number")
    connection.close()
    (elsewhere / "originals").mkdir()
    (elsewhere / "originals" / "mine").write_text("mine")
    return elsewhere


def test_it_refuses_to_overwrite_unless_told(archive, inhabited):
    with pytest.raises(BackupError, match=r"has 1 tables.*originals has files.*--overwrite"):
        restore(archive)
    assert tables() == ["mine"] and not (inhabited / "media").exists()


def test_it_refuses_folders_with_files_even_beside_an_empty_database(archive, inhabited):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE mine")
    with pytest.raises(BackupError, match="originals has files"):
        restore(archive)
    assert tables() == []


def test_it_overwrites_when_told_and_disconnects_whoever_is_still_there(archive, inhabited, databases_there):
    with Archive(archive) as found:
        name = next(name for name in found.members if name.endswith(".png") and name.startswith("media/"))
    rotten = inhabited / name
    rotten.parent.mkdir(parents=True)
    rotten.write_bytes(b"rotten")
    before, reader = databases_there(), databases.direct()
    with reader.cursor() as cursor:
        cursor.execute("SELECT * FROM mine")
    restore(archive, overwrite=True)
    assert "mine" not in tables() and Post.objects.count() == 3
    assert not reader.is_usable()
    reader.close()
    # A file that is not what its name promises is exchanged; a stranger's stays.
    assert rotten.read_bytes().startswith(b"\x89PNG") and (inhabited / "originals" / "mine").exists()
    assert databases_there() == before


def test_it_loses_nothing_when_pg_restore_fails_in_the_middle(archive, inhabited, tmp_path, databases_there):
    with Archive(archive) as found:
        dump = b"".join(found.read("database.dump"))
    broken = rebuilt(archive, tmp_path / "broken.tar", members={"database.dump": dump[:-5_000]})
    before = databases_there()
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(broken, overwrite=True)
    assert tables() == ["mine"] and databases_there() == before


def test_it_loses_nothing_when_rows_are_not_what_was_promised(archive, inhabited, tmp_path):
    with Archive(archive) as found:
        told = found.contents["tables"] | {"blog_post": [4, "0"]}
    with pytest.raises(Different, match="blog_post has 3 rows"):
        restore(rebuilt(archive, tmp_path / "b.tar", contents={"tables": told}), overwrite=True)
    assert tables() == ["mine"]


def test_it_loses_nothing_when_files_cannot_be_written(archive, inhabited):
    with Archive(archive) as found:
        name = next(name for name in found.members if name.startswith("originals/"))
    (inhabited / name).mkdir(parents=True)
    with pytest.raises(BackupError, match="The database was not exchanged"):
        restore(archive, overwrite=True)
    assert tables() == ["mine"]


def test_it_follows_no_link_out_of_its_folders(archive, inhabited, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (inhabited / "media").mkdir()
    (inhabited / "media" / "figures").symlink_to(outside)
    with pytest.raises(Hostile, match="a link that leads out"):
        restore(archive, overwrite=True)
    assert list(outside.iterdir()) == [] and tables() == ["mine"]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"migrations": ["blog.9999_from_the_future"]}, "blog.9999_from_the_future"),
        ({"versions": {"postgresql_major": 99, "pg_dump_major": 99}}, "was made of PostgreSQL 99, and"),
        ({"versions": {"postgresql_major": 15, "pg_dump_major": 99}}, "PostgreSQL 15 by the pg_dump of 99"),
    ],
)
def test_it_names_what_is_too_new_before_anything_is_touched(archive, elsewhere, tmp_path, head, words):
    with pytest.raises(WrongVersion, match=words):
        restore(rebuilt(archive, tmp_path / "new.tar", head=head), overwrite=True)
    assert tables() == [] and not (elsewhere / "media").exists()


def test_it_tells_which_migrations_an_older_backup_lacks(archive, elsewhere, tmp_path):
    with Archive(archive) as found:
        older = found.head["migrations"][:-1]
    assert len(restore(rebuilt(archive, tmp_path / "old.tar", head={"migrations": older})).pending) == 1


@pytest.mark.parametrize(
    ("head", "contents"),
    [
        ({"migrations": "all"}, {}),
        ({"versions": None}, {}),
        ({"database_bytes": -1}, {}),
        ({}, {"files": []}),
        ({}, {"tables": None}),
        ({}, {"pages": 7}),
    ],
)
def test_it_refuses_what_no_backup_says(archive, elsewhere, tmp_path, head, contents):
    with pytest.raises(Hostile):
        restore(rebuilt(archive, tmp_path / "evil.tar", head=head, contents=contents))


def test_it_refuses_files_that_are_not_listed(archive, elsewhere, tmp_path):
    with pytest.raises(Hostile, match="media/extra.html"):
        restore(with_member(archive, tmp_path / "evil.tar", "media/extra.html"))
    assert not (elsewhere / "media").exists()


def test_it_stops_a_database_that_grows_without_end(
    archive, elsewhere, tmp_path, monkeypatch, databases_there
):
    monkeypatch.setattr(postgres, "SLACK", -1)
    before = databases_there()
    with pytest.raises(Hostile, match="grew to"):
        restore(rebuilt(archive, tmp_path / "bomb.tar", head={"database_bytes": 0}))
    assert databases_there() == before
