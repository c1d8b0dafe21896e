"""The child may die; the parent goes on, and nothing is left behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from blog.imaging import ImageRefused, clean, forking, isolation
from blog.imaging.wire import pack, unpack

from .samples import chunk, diagram, photo, png, saved, zeros

ROOT = forking.ROOT


def ask(data: bytes) -> tuple[dict, float]:
    """The child's own words about `data`, and the seconds it took."""
    forking.start(1).close()  # where there is no nursery yet, its start is not the picture's time
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


@pytest.fixture
def run_child_with(monkeypatch, tmp_path_factory):
    """Let children run a body after they took their limits upon themselves, in place of their work."""

    def become(body: str) -> None:
        package = tmp_path_factory.mktemp("with space") / "blog" / "imaging"
        package.mkdir(parents=True)
        (package.parent / "__init__.py").touch()
        (package / "__init__.py").touch()
        for name in ("child", "nursery", "sentences", "specs", "wire"):
            (package / f"{name}.py").write_text((ROOT / "blog" / "imaging" / f"{name}.py").read_text())
        (package / "cleaning.py").write_text(f"def cleaned(data, name):\n    {body}\n")
        monkeypatch.setattr(forking, "ROOT", package.parent.parent)
        forking.stop()

    yield become
    forking.stop()


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
def test_it_turns_the_childs_death_into_a_sentence(run_child_with, body, said):
    run_child_with(body)
    with pytest.raises(ImageRefused, match=said):
        clean(b"data")


def test_it_stops_a_child_that_idles_and_one_that_spins(monkeypatch, run_child_with):
    run_child_with("import time; time.sleep(60)")
    monkeypatch.setattr(isolation, "CLEAN_SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(ImageRefused, match="too long"):
        clean(b"data")
    run_child_with("while True: pass")
    with pytest.raises(ImageRefused, match="too long"):
        clean(b"data")
    assert time.monotonic() - start < 5


def test_it_stops_reading_a_child_that_never_ends_talking(monkeypatch, run_child_with):
    run_child_with("import sys\n    while True: sys.stdout.buffer.write(b'x' * 65536)")
    monkeypatch.setattr(isolation, "MAX_REPLY_BYTES", 1024 * 1024)
    with pytest.raises(ImageRefused, match="broke"):
        clean(b"data")


def test_it_forbids_the_child_files_and_hides_the_environment(monkeypatch, run_child_with, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    mark = tmp_path / "mark"
    run_child_with(f"import os; assert 'DATABASE_URL' not in os.environ; open({str(mark)!r}, 'w').write('x')")
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
    """All child processes, those included that have ended and were not collected; other rooms may keep one. The
    nursery stays, but no child of it."""
    ours = children_of(os.getpid())
    return ours.union(*map(children_of, ours))


def children_of(pid: int) -> set[int]:
    """The child processes of a process."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for task in tasks for child in (task / "children").read_text().split()}


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


WAITS = """
import sys, time
from blog.imaging import forking
child = forking.start(30)
print(forking._nursery.process.pid, flush=True)
time.sleep(30)
"""


@pytest.fixture
def waiting():
    """A process of ours, its nursery, and a child of that which waits for a picture and will not get one."""
    parent = subprocess.Popen([sys.executable, "-c", WAITS], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        nursery = int(parent.stdout.readline())
        until(lambda: children_of(nursery))
        (child,) = children_of(nursery)
        until(lambda: limited(child))
        yield parent, nursery, child
    finally:
        parent.kill()
        parent.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
@pytest.mark.parametrize("with_nursery", [False, True])
def test_it_dies_with_its_parent(waiting, with_nursery):
    parent, nursery, child = waiting
    if with_nursery:
        os.kill(nursery, signal.SIGSTOP)  # nobody is there to end the child
        os.kill(nursery, signal.SIGKILL)
    parent.kill()
    parent.wait()
    until(lambda: gone(child) and gone(nursery))


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_it_leaves_the_child_nothing_open_but_its_pipes(waiting):
    _, _, child = waiting
    assert {entry.name for entry in Path(f"/proc/{child}/fd").iterdir()} == {"0", "1", "2"}
    assert os.getsid(child) == os.getpgid(child) == child


def test_it_finds_another_nursery_where_the_last_was_killed():
    content = saved(diagram(16, 16), "PNG")
    clean(content)
    os.kill(forking._nursery.process.pid, signal.SIGKILL)
    assert clean(content).width == 16


def test_it_goes_on_with_the_same_nursery_until_a_decoder_breaks(monkeypatch, run_child_with):
    run_child_with("import os, signal; os.kill(os.getpid(), signal.SIGSEGV if data[:1] == b'!' else 9)")
    used = []
    for data in (b"late", b"late again", b"! broken", b"late again"):
        with pytest.raises(ImageRefused):
            clean(data)
        used.append(forking._nursery and forking._nursery.process.pid)
    assert used[0] == used[1]
    assert used[2] is None, "its children's memory lay where that of the broken one did"
    assert used[3] not in (None, used[0])


def test_it_lets_the_children_of_a_retired_nursery_finish():
    content = saved(diagram(16, 16), "PNG")
    child, retired = forking.start(10), forking._nursery
    forking.retire(retired)
    assert clean(content).width == 16
    assert forking._nursery is not retired
    reply, code, late = isolation.attend(child, pack({"task": "clean", "name": ""}, [content]), 10)
    assert (unpack(reply)[0]["made"][0]["width"], code, late) == (16, 0, False)
    until(lambda: retired.process.poll() == 0)


def test_it_serves_several_threads_at_once():
    content = saved(diagram(16, 16), "PNG")
    with ThreadPoolExecutor(4) as threads:
        assert {made.width for made in threads.map(lambda _: clean(content), range(12))} == {16}


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
