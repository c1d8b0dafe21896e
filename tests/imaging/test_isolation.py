"""The child may die; the parent goes on, and nothing is left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blog.imaging import ImageRefused, clean, isolation
from blog.imaging.wire import pack, unpack

from .samples import chunk, diagram, photo, png, saved, zeros

ROOT = isolation.ROOT


def ask(data: bytes) -> tuple[dict, float]:
    """The child's own words about `data`, and the seconds it took."""
    start = time.monotonic()
    reply, _, _ = isolation.converse(pack({"task": "clean", "name": ""}, [data]), 10)
    return unpack(reply)[0], time.monotonic() - start


BOMBS = {
    "header": lambda: png(width=16_000, height=16_000, rows=b""),
    "text": lambda: png(chunk(b"zTXt", b"Comment\0\0" + zeros(256))),
    "profile": lambda: png(chunk(b"iCCP", b"profile\0\0" + zeros(256))),
    "rows": lambda: png(rows=b"\0" * 64 * 1024 * 1024),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_it_meets_a_bomb_within_a_second_and_a_hundred_megabytes(kind):
    head, seconds = ask(BOMBS[kind]())
    assert seconds < 1
    assert head["peak_kib"] < 100 * 1024
    if kind == "rows":
        assert head["made"][0]["width"] == 4, "the decoder stops where the picture ends"
    else:
        assert "refused" in head


def run_child_with(monkeypatch, tmp_path, body: str):
    """Let the child run `body` after it took its limits upon itself, in place of its work."""
    package = tmp_path / "with space" / "blog" / "imaging"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    for name in ("child", "specs", "wire"):
        (package / f"{name}.py").write_text((ROOT / "blog" / "imaging" / f"{name}.py").read_text())
    (package / "cleaning.py").write_text(f"def cleaned(data, name):\n    {body}\n")
    monkeypatch.setattr(isolation, "ROOT", package.parent.parent)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "broke the decoder"),
        ("import os; os._exit(3)", "broke the decoder"),
        ("raise RuntimeError('boom')", "broke the decoder"),
        ("return bytearray(2 * 1024**3)", "more memory"),
        (
            "import sys; sys.stdout.buffer.write(b'x' * 5000); sys.stdout.flush(); import os; os._exit(0)",
            "broke",
        ),
    ],
    ids=["crash", "exit", "fault", "memory", "babble"],
)
def test_it_turns_the_childs_death_into_a_sentence(monkeypatch, tmp_path, body, said):
    run_child_with(monkeypatch, tmp_path, body)
    with pytest.raises(ImageRefused, match=said):
        clean(b"data")


def test_it_stops_a_child_that_idles_and_one_that_spins(monkeypatch, tmp_path):
    run_child_with(monkeypatch, tmp_path, "import time; time.sleep(60)")
    monkeypatch.setattr(isolation, "CLEAN_SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(ImageRefused, match="too long"):
        clean(b"data")
    run_child_with(monkeypatch, tmp_path / "two", "while True: pass")
    with pytest.raises(ImageRefused, match="too long"):
        clean(b"data")
    assert time.monotonic() - start < 5


def test_it_stops_reading_a_child_that_never_ends_talking(monkeypatch, tmp_path):
    run_child_with(monkeypatch, tmp_path, "import sys\n    while True: sys.stdout.buffer.write(b'x' * 65536)")
    monkeypatch.setattr(isolation, "MAX_REPLY_BYTES", 1024 * 1024)
    with pytest.raises(ImageRefused, match="broke"):
        clean(b"data")


def test_it_forbids_the_child_files_and_hides_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    mark = tmp_path / "mark"
    run_child_with(
        monkeypatch,
        tmp_path,
        f"import os; assert 'DATABASE_URL' not in os.environ; open({str(mark)!r}, 'w').write('x')",
    )
    with pytest.raises(ImageRefused):
        clean(b"data")
    assert mark.exists(), "it reached the write, so the environment was clean"
    assert mark.read_bytes() == b""


def test_it_works_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert clean(saved(diagram(16, 16), "PNG"), name="a.png").width == 16


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def children_of_ours():
    """All child processes, those included that have ended and were not collected; other rooms may keep one."""
    return {
        pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    }


@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_it_leaves_no_process_and_no_descriptor():
    content = saved(photo(16, 16), "JPEG")
    clean(content)
    before, children = descriptors(), children_of_ours()
    for data in (content, b"\xff\xd8\xffnonsense"):
        try:
            clean(data)
        except ImageRefused:
            continue
    assert descriptors() == before
    assert children_of_ours() == children


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_it_dies_with_its_parent(tmp_path):
    note = tmp_path / "pid"
    # This process holds the pipe open as well, so that no end of input can be what ends the child.
    read, write = os.pipe()
    program = f"""
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "blog.imaging.child", "30", str(os.getpid())], stdin={read})
open({str(note)!r}, "w").write(str(child.pid) + ".")
time.sleep(30)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, pass_fds=[read])
    try:
        until(lambda: note.exists() and note.read_text().endswith("."))
        pid = int(note.read_text()[:-1])
        until(lambda: limited(pid))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    until(lambda: gone(pid))
    os.close(read)
    os.close(write)


def limited(pid: int) -> bool:
    """Whether the child has taken its limits upon itself, which it does just before it asks to die along."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    return any(
        line.startswith("Max core file size") and line.split()[4:6] == ["0", "0"]
        for line in limits.splitlines()
    )


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return True


def until(condition, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_it_leaves_the_parents_own_limits_alone():
    before = resource.getrlimit(resource.RLIMIT_AS)
    clean(saved(diagram(16, 16), "PNG"))
    assert resource.getrlimit(resource.RLIMIT_AS) == before
