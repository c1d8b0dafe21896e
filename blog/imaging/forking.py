"""This process's side of the nursery: starts it at the first use, asks it for children, outlives both."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
"""The folder that holds the package `blog`; children start there, so that the caller's folder does not matter."""
PASSED_ON = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")
"""What Python may need to find itself and its packages; nothing else of the environment reaches a child."""
START_SECONDS = 10.0
"""For the nursery to load the decoders; a cold start on a busy machine is not the picture's fault."""
OWN_LIMITS = frozenset({signal.SIGKILL, signal.SIGXCPU, signal.SIGALRM})
"""What a child ends by that was only too slow. Any other signal means that a decoder broke."""


class NurseryLost(OSError):
    """The nursery did not start, or ended before the child did: no fault of what the child was given."""


class Child:
    """One running child: `into` and `out` are its standard input and output."""

    def __init__(self, nursery: _Nursery, seconds: int) -> None:
        reads, into = os.pipe()
        out, writes = os.pipe()
        self.line, theirs = socket.socketpair()
        self.into, self.out = os.fdopen(into, "wb"), os.fdopen(out, "rb")
        self.nursery = nursery
        try:
            nursery.send(seconds, [reads, writes, theirs.fileno()])
        except OSError:
            self.close()
            raise
        finally:
            os.close(reads)
            os.close(writes)
            theirs.close()

    def end(self) -> None:
        """Let it be killed, with all it has started. Any thread may do this."""
        with contextlib.suppress(OSError):
            self.line.shutdown(socket.SHUT_WR)

    def collect(self, seconds: float) -> int:
        """Its exit code, as of `subprocess`; a child that has not ended within `seconds` is killed.

        Raises:
            NurseryLost: nobody knows.
        """
        try:
            self.line.settimeout(seconds)
            try:
                code = self.line.recv(4)
            except TimeoutError:
                self.end()
                self.line.settimeout(START_SECONDS)
                code = self.line.recv(4)
        except OSError as error:
            raise NurseryLost from error
        if len(code) < 4:
            raise NurseryLost
        ended = int.from_bytes(code, "big", signed=True)
        if ended < 0 and -ended not in OWN_LIMITS:
            # Children of one nursery have their memory at the same places. One that broke may have been made to
            # by somebody who is guessing these; the next is to be guessed anew.
            retire(self.nursery)
        return ended

    def close(self) -> None:
        """Let go of it."""
        self.line.close()
        for pipe in (self.into, self.out):
            with contextlib.suppress(OSError):  # it may hold bytes that a dead child did not take
                pipe.close()


class _Nursery:
    """The running nursery, see `nursery`."""

    def __init__(self, root: Path) -> None:
        self.control, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable or "python3", "-s", "-m", f"{__package__}.nursery"),
                    str(theirs.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=root,
                env=environment(),
                start_new_session=True,
            )
        self.control.settimeout(START_SECONDS)
        try:
            if self.control.recv(1) != b"r":
                raise NurseryLost
        except OSError as error:
            self.stop()
            raise NurseryLost from error

    def send(self, seconds: int, descriptors: list[int]) -> None:
        socket.send_fds(self.control, [seconds.to_bytes(4, "big")], descriptors)

    def stop(self) -> None:
        """End it, and its children with it."""
        self.control.close()
        self.process.kill()
        self.process.wait()


_lock = threading.Lock()
_nursery: _Nursery | None = None
_retired: list[_Nursery] = []
"""Those whose last children still live, or that nobody has collected yet."""


def start(seconds: int) -> Child:
    """A new child, which has so many seconds of processor and of wall clock for its one request.

    Raises:
        NurseryLost: there is none to be had.
    """
    global _nursery
    with _lock:
        _retired[:] = [one for one in _retired if one.process.poll() is None]
        for _attempt in (1, 2):
            if _nursery is None:
                _nursery = _Nursery(ROOT)
            try:
                return Child(_nursery, seconds)
            except OSError:  # it had nothing to do for long and has ended, or was killed
                _nursery.stop()
                _nursery = None
    raise NurseryLost


def retire(nursery: _Nursery) -> None:
    """Have the next child come from another nursery; this one ends with the last child it has now."""
    global _nursery
    with _lock:
        if _nursery is nursery:
            _nursery = None
            _retired.append(nursery)
            nursery.control.close()


def stop() -> None:
    """End this process's nurseries, if there are any; the next child starts another."""
    global _nursery
    with _lock:
        for nursery in [*_retired, *filter(None, [_nursery])]:
            nursery.stop()
        _retired.clear()
        _nursery = None


def environment() -> dict[str, str]:
    """What a child gets of the environment. One malloc arena: each thread's own would reserve 64 MB of its limit."""
    kept = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    return {**kept, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _after_fork() -> None:
    """In a forked process: leave the parent's nursery alone, and do not keep its socket open."""
    global _lock, _nursery
    _lock = threading.Lock()
    _retired.clear()
    if _nursery is not None:
        _nursery.control.close()
        _nursery = None


os.register_at_fork(after_in_child=_after_fork)
atexit.register(stop)
