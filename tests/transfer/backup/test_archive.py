import os
import subprocess

import pytest

from blog.transfer.backup.archive import Archive
from blog.transfer.backup.errors import Altered, Hostile, NoBackup, Truncated, WrongVersion

from .archives import rebuilt, small, with_member


@pytest.fixture
def archive(tmp_path):
    return small(tmp_path / "site.tar")


def test_it_reads_what_was_written(archive):
    with Archive(archive) as found:
        assert b"".join(found.read("media/figures/ab/abcd.png")) == b"picture!"
        assert found.contents == {"files": {}} and int(found.head["bytes"]) == archive.stat().st_size


def test_tar_opens_it_too(archive, tmp_path):
    subprocess.run(["tar", "xf", archive], cwd=tmp_path, check=True)
    assert (tmp_path / "media/figures/ab/abcd.png").read_bytes() == b"picture!"


def test_it_finds_a_flipped_bit_in_any_byte(archive):
    whole = archive.read_bytes()
    with archive.open("r+b", buffering=0) as file:
        for place, byte in enumerate(whole):
            os.pwrite(file.fileno(), bytes([byte ^ (1 << place % 8)]), place)
            with pytest.raises((Altered, Truncated, NoBackup)):
                Archive(archive)
            os.pwrite(file.fileno(), bytes([byte]), place)
    Archive(archive).file.close()


def test_it_names_an_altered_one_as_altered(archive):
    whole = bytearray(archive.read_bytes())
    whole[len(whole) // 2] ^= 1
    archive.write_bytes(whole)
    with pytest.raises(Altered, match="site.tar was altered"):
        Archive(archive)


def test_it_names_a_truncated_one_wherever_it_ends(archive):
    whole = archive.read_bytes()
    for length in range(512, len(whole), 97):
        archive.write_bytes(whole[:length])
        with pytest.raises(Truncated, match="is truncated"):
            Archive(archive)


def test_it_finds_bytes_after_the_end(archive):
    archive.write_bytes(archive.read_bytes() + b"\0")
    with pytest.raises(Altered):
        Archive(archive)


@pytest.mark.parametrize("data", [b"", b"PK\3\4" + b"x" * 5_000, b"\0" * 5_000])
def test_it_names_what_is_no_backup(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(NoBackup):
        Archive(tmp_path / "x")


def test_it_names_a_folder_and_a_missing_file(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(NoBackup, match="can't be read"):
            Archive(path)


def test_it_names_a_format_that_is_newer(archive, tmp_path):
    with pytest.raises(WrongVersion, match="format 2"):
        Archive(rebuilt(archive, tmp_path / "new.tar", head={"format": 2}))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "media/../../evil",
        "media/.ssh/x",
        "media//x",
        "media/",
        "notes",
        "media/a\\b",
        "media/a\nb",
    ],
)
def test_it_refuses_names_that_lead_elsewhere(archive, tmp_path, name):
    with pytest.raises(Hostile, match="as no backup does"):
        Archive(with_member(archive, tmp_path / "evil.tar", name))


@pytest.mark.parametrize("kind", [b"1", b"2", b"3", b"4", b"5", b"6", b"L", b"x", b"g", b"S"])
def test_it_refuses_links_devices_and_extensions(archive, tmp_path, kind):
    evil = with_member(archive, tmp_path / "evil.tar", "media/x", bytes={156: kind, 157: b"/etc/passwd"})
    with pytest.raises(Hostile, match="no regular file"):
        Archive(evil)


def test_it_refuses_a_file_that_is_there_twice(archive, tmp_path):
    with pytest.raises(Hostile):
        Archive(with_member(archive, tmp_path / "evil.tar", "media/figures/ab/abcd.png"))


def test_it_refuses_a_member_longer_than_the_file(archive, tmp_path):
    evil = with_member(archive, tmp_path / "evil.tar", "media/x", bytes={124: b"77777777777"})
    with pytest.raises(Hostile, match="longer than the archive"):
        Archive(evil)


def test_it_refuses_contents_that_are_no_object(tmp_path, archive):
    with pytest.raises(Hostile):
        Archive(with_member(archive, tmp_path / "evil.tar", "contents.json", data=b"[" * 100_000))
