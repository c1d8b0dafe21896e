"""The child process: limits, deaths, forks, and what it must not know."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from blog.markup import RenderRefused, isolation, render, render_isolated

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW = "\\" * 199_999
"""Takes the parser longer than any limit used here."""


def child_pid() -> int:
    render_isolated("x")
    assert isolation._child is not None
    return isolation._child.process.pid


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_it_gives_what_rendering_in_this_process_gives():
    source = "## A\n\n![](figure:a)\n\n```python\nx = 1\n```\n\n$a$ [](figure:b) é 漢 🙂"
    assert render_isolated(source) == render(source)


def test_it_keeps_one_child_for_many_renders():
    assert child_pid() == child_pid()


def test_it_refuses_a_slow_text_in_time_and_serves_the_next():
    pid = child_pid()
    began = time.monotonic()
    with pytest.raises(RenderRefused, match=r"within 0\.3 seconds.*```"):
        render_isolated(SLOW, seconds=0.3)
    assert time.monotonic() - began < 2
    assert not is_running(pid)
    assert render_isolated("next").html == "<p>next</p>"


def test_it_survives_the_killing_of_an_idle_child():
    os.kill(child_pid(), signal.SIGKILL)
    assert render_isolated("again").html == "<p>again</p>"


def test_it_refuses_a_text_whose_child_is_killed_while_it_works():
    isolation.stop()
    refusals = []

    def work():
        try:
            render_isolated(SLOW, seconds=4)
        except RenderRefused as refused:
            refusals.append(str(refused))

    thread = threading.Thread(target=work)
    thread.start()
    assert wait_until(lambda: isolation._child is not None, 5)
    time.sleep(0.5)
    os.kill(isolation._child.process.pid, signal.SIGKILL)
    thread.join(10)
    assert "ended the process" in refusals[0]
    assert render_isolated("next").html == "<p>next</p>"


def test_it_bounds_the_memory_of_the_child():
    limits = Path(f"/proc/{child_pid()}/limits").read_text()
    line = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert int(line.split()[3]) <= 1024**3


def test_it_passes_no_secret_to_the_child(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    monkeypatch.setenv("DATABASE_URL", "postgres://do-not-tell")
    isolation.stop()
    environment = Path(f"/proc/{child_pid()}/environ").read_bytes()
    assert b"do-not-tell" not in environment


def test_the_child_needs_no_django_and_the_parent_no_parser():
    code = (
        "import sys, blog.markup\n"
        "assert not {'markdown', 'pygments', 'nh3'} & set(sys.modules), 'the parent loads the parser'\n"
        "assert blog.markup.render('x').html == '<p>x</p>'\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env={"PATH": os.defpath})


def test_it_works_from_any_folder_and_from_a_path_with_spaces(tmp_path):
    home = tmp_path / "a path with spaces"
    home.mkdir()
    (home / "blog").symlink_to(ROOT / "blog")
    code = f"import sys; sys.path.insert(0, {str(home)!r}); import blog.markup as m; print(m.render_isolated('x').html)"
    done = subprocess.run([sys.executable, "-c", code], cwd="/", check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "<p>x</p>"


def test_a_forked_process_starts_a_child_of_its_own_and_leaves_the_other_alone():
    pid = child_pid()
    forked = os.fork()
    if not forked:
        other = child_pid()
        isolation.stop()
        os._exit(0 if other != pid else 1)
    assert os.waitpid(forked, 0)[1] == 0
    assert child_pid() == pid


def test_threads_take_turns():
    results = []
    threads = [
        threading.Thread(target=lambda n=n: results.append((n, render_isolated(f"text {n}").text)))
        for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [(n, f"text {n}") for n in range(12)]


PARENT = """
import sys, threading, time
from blog.markup import isolation, render_isolated
render_isolated("x")
print(isolation._child.process.pid, flush=True)
if sys.argv[1] == "busy":
    threading.Thread(target=lambda: render_isolated("\\\\" * 199_999, seconds=1.5), daemon=True).start()
time.sleep(0.3)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
def test_the_child_ends_when_its_parent_is_killed(state):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, state], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    assert parent.stdout.readline() == "ready\n"
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not is_running(pid), 5)


def test_it_ends_its_child_at_exit():
    code = (
        "from blog.markup import isolation, render_isolated as r; r('x'); print(isolation._child.process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert wait_until(lambda: not is_running(int(done.stdout)), 2)


def test_it_says_when_the_fault_is_not_the_texts(monkeypatch, caplog):
    monkeypatch.setattr(isolation, "_ask", lambda message, seconds: {"failed": "Traceback: here"})
    with pytest.raises(RenderRefused, match="fault in the renderer"):
        render_isolated("x")
    assert "Traceback: here" in caplog.text
