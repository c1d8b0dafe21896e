import errno
import os
import time
from itertools import count

import pytest

from blog.pages.cache import disk as disks
from blog.pages.cache.copies import Copy
from blog.pages.cache.disk import Disk
from blog.pages.cache.keys import BROTLI

HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Accept"), ("X-Frame-Options", "DENY")]


def copy(body=b"<p>W\xc3\xb6rter</p>\n\n" * 50, made_at=7.5):
    return Copy(body, HEADERS, made_at=made_at)


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path / "pages", 1_000_000)


def files(disk):
    return [file for file in disk.folder.glob("*/*") if file.is_file()]


def eventually(true):
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_was_put_is_what_another_process_gets(disk):
    disk.put("/tag/ö/?level=300", copy())
    eventually(lambda: files(disk))
    found = Disk(disk.folder, 1_000_000).get("/tag/ö/?level=300")
    assert found.body == copy().body and found.made_at == 7.5 and found.vary == "Accept"
    assert found.era is None
    assert found.coded(BROTLI).tag == copy().coded(BROTLI).tag
    assert sorted(found.coded(BROTLI).headers) == sorted(copy().coded(BROTLI).headers)
    assert disk.get("/") is None


def test_a_page_that_is_no_more_is_removed(disk):
    disk.write("/", copy())
    disk.put("/", None)
    eventually(lambda: not files(disk))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data[: len(data) // 3],
        lambda data: data.replace(b"<p>", b"<b>", 1),
        lambda data: b"",
        lambda data: b"{}\n" + data,
        lambda data: b"\xff\xfe\n",
        lambda data: data.replace(b'"form": 1', b'"form": 0'),
        lambda data: data.replace(b'"key": "/"', b'"key": "/x"'),
    ],
)
def test_what_is_damaged_is_not_served(disk, damage):
    disk.write("/", copy())
    (file,) = files(disk)
    file.write_bytes(damage(file.read_bytes()))
    assert disk.get("/") is None
    disk.write("/", copy())
    assert disk.get("/").body == copy().body


def test_the_same_page_is_not_written_again_but_counts_as_made_again(disk):
    disk.write("/", copy())
    (file,) = files(disk)
    os.utime(file, (1, 1))
    before = file.stat().st_ino
    disk.write("/", copy(made_at=99.0))
    assert file.stat().st_ino == before and file.stat().st_mtime > 1
    disk.write("/", copy(b"Other"))
    assert disk.get("/").body == b"Other"


def test_the_folder_stays_within_its_bounds_and_loses_what_is_oldest(disk):
    for number in range(100):
        disk.write(f"/{number}/", copy(b"x" * 50_000))
        os.utime(disk._file(f"/{number}/"), (number, number))
    disk.sweep()
    assert sum(file.stat().st_size for file in files(disk)) <= 1_000_000
    assert disk.get("/0/") is None and disk.get("/99/") is not None


def test_what_a_killed_process_left_half_done_is_cleared(disk):
    disk.write("/", copy())
    half = disk._file("/").with_name("abc.1.new")
    half.write_bytes(b"half")
    os.utime(half, (1, 1))
    disk.sweep()
    assert not half.exists() and disk.get("/")


def test_a_disk_that_fails_now_and_then_is_said_once(disk, caplog, monkeypatch):
    write, turn = disk.write, count()

    def full(key, copy):
        if next(turn) % 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(key, copy)

    monkeypatch.setattr(disk, "write", full)
    for number in range(20):
        disk.put(f"/{number}/", copy())
        eventually(lambda: disk._queue.empty())
    eventually(lambda: next(turn) > 20)
    assert len(caplog.messages) == 1


def test_a_disk_that_fails_is_said_once_and_harms_nobody(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(disks, "QUIET", 0.0)
    place = tmp_path / "pages"
    place.write_text("no folder")
    disk = Disk(place, 1_000_000)
    for number in range(50):
        disk.put(f"/{number}/", copy())
    eventually(lambda: not disk.works)
    disk.put("/", copy())
    eventually(lambda: disk._queue.empty())
    assert disk.get("/") is None
    assert len([line for line in caplog.messages if "No copies" in line]) == 1
    place.unlink()
    disk.put("/", copy())
    eventually(lambda: disk.works and disk.get("/"))
    assert len([line for line in caplog.messages if "written again" in line]) == 1


def test_nobody_waits_for_a_disk_that_is_slow(disk, monkeypatch):
    monkeypatch.setattr(disk, "_begin", lambda: None)  # nothing is written at all
    began = time.monotonic()
    for number in range(5_000):
        disk.put(f"/{number}/", copy())
    assert time.monotonic() - began < 5
    assert disk._queue.qsize() == 500


def test_nothing_is_written_where_nothing_may_be(tmp_path):
    Disk(tmp_path / "pages", 0).put("/", copy())
    assert not (tmp_path / "pages").exists()
