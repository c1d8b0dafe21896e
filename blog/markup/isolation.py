"""Rendering in a child process with limits, so that no text can stop the process that serves pages.

One child per process, started at the first use and kept; calls take turns. A child that is too slow, too
big or dead is killed and the next call starts another.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from .rendered import MAX_CHARACTERS, Rendered, RenderRefused

ROOT = Path(__file__).resolve().parent.parent.parent
MAX_REPLY = 64 * 1024 * 1024
MAX_STDERR = 4_000
RENDERS_PER_CHILD = 1_000
START_SECONDS = 10.0
"""Added to the first render's time: a cold start on a busy machine is not the text's fault."""
logger = logging.getLogger(__name__)


class _Died(Exception):
    """The child ended before it replied; the message is the end of what it wrote to standard error."""


class _Slow(Exception):
    """The time was over before the reply was there."""


class _Child:
    """One running child and the three pipes to it."""

    def __init__(self) -> None:
        self.renders = 0
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "blog.markup.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            # Nothing else is passed on: the child that reads what strangers wrote must not know the
            # site's secrets.
            env={
                "PYTHONPATH": os.pathsep.join(paths),
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                "PYTHONHASHSEED": "0",
            },
            start_new_session=True,
        )
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.pipes = (self.process.stdin, self.process.stdout, self.process.stderr)
        for pipe in self.pipes:
            os.set_blocking(pipe.fileno(), False)

    def ask(self, message: bytes, deadline: float) -> bytes:
        """Send a message and wait for the reply's body. Raises _Slow or _Died; the child is of no more use
        then.
        """
        into, out, err = (pipe.fileno() for pipe in self.pipes)
        poll = select.poll()
        poll.register(into, select.POLLOUT)
        poll.register(out, select.POLLIN)
        poll.register(err, select.POLLIN)
        waiting, reply, said = memoryview(message), bytearray(), b""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise _Slow
            for descriptor, _ in poll.poll(left * 1000 + 1):
                if descriptor == into:
                    try:
                        waiting = waiting[os.write(into, waiting) :]
                    except BlockingIOError:
                        continue
                    except OSError:
                        waiting = waiting[:0]  # it is gone; its last words come through the other pipes
                    if not waiting:
                        poll.unregister(into)
                elif descriptor == err:
                    part = os.read(err, 65536)
                    said = (said + part)[-MAX_STDERR:]
                    if not part:
                        poll.unregister(err)
                else:
                    part = os.read(out, 1 << 20)
                    if not part:
                        raise _Died(said.decode(errors="replace"))
                    reply += part
            if len(reply) >= 4:
                length = struct.unpack(">I", reply[:4])[0]
                if length > MAX_REPLY:
                    raise _Died("the reply is too long")
                if len(reply) >= 4 + length:
                    self.renders += 1
                    return bytes(reply[4 : 4 + length])

    def end(self) -> None:
        """Kill it, collect it, close the pipes."""
        self.process.kill()
        self.process.wait()
        self.forget()

    def forget(self) -> None:
        """Close this process's ends of the pipes."""
        for pipe in self.pipes:
            with contextlib.suppress(OSError):  # a pipe to a dead child may hold unsent bytes
                pipe.close()


_lock = threading.Lock()
_child: _Child | None = None


def render_isolated(source: str, *, language: str = "en", seconds: float = 5.0) -> Rendered:
    """Render in the child within `seconds` of wall clock; `language` is the text's, for the words that are added.

    Raises RenderRefused, with a sentence for the editor, when the source is not acceptable, takes too
    long or too much memory, or ends the child.
    """
    if len(source) > MAX_CHARACTERS:
        # The one place that words this refusal; the child need not be sent the text to learn it.
        from .intake import admit

        admit(source)
    message = json.dumps({"source": source, "language": language, "seconds": seconds + 0.5}).encode()
    message = struct.pack(">I", len(message)) + message
    if not _lock.acquire(timeout=seconds * 4):
        raise RenderRefused("busy")
    try:
        reply = _ask(message, seconds)
    finally:
        _lock.release()
    if "rendered" in reply:
        return Rendered.from_json(reply["rendered"])
    if "failed" in reply:
        logger.error("Rendering failed on a text of %d characters:\n%s", len(source), reply["failed"])
        raise RenderRefused("fault")
    raise RenderRefused(reply["refused"], **reply["values"])


def _ask(message: bytes, seconds: float) -> dict[str, Any]:
    global _child
    for _attempt in (1, 2):
        fresh = _child is None or _child.process.poll() is not None or _child.renders >= RENDERS_PER_CHILD
        if fresh:
            stop()
            _child = _Child()
        child = _child
        assert child is not None
        try:
            return json.loads(
                child.ask(message, time.monotonic() + seconds + (START_SECONDS if fresh else 0))
            )
        except _Slow:
            stop()
            raise _too_slow(seconds) from None
        except _Died as died:
            code = child.process.wait() if child.process.poll() is not None else None
            stop()
            if not fresh:
                continue  # it may have been ended while idle; a new one settles whose fault it is
            if code is not None and -code in (signal.SIGALRM, signal.SIGXCPU):  # its own limits
                raise _too_slow(seconds) from None
            logger.error("The rendering process ended with status %s: %s", code, died)
            raise RenderRefused("died") from None
    raise AssertionError("unreachable: a fresh child either answers or is refused")


def _too_slow(seconds: float) -> RenderRefused:
    return RenderRefused("too-slow", seconds=int(seconds) if seconds == int(seconds) else seconds)


def stop() -> None:
    """End this process's child, if there is one; the next render starts another."""
    global _child
    if _child is not None:
        _child.end()
        _child = None


def _after_fork() -> None:
    """In a forked process: leave the parent's child alone, and do not keep its pipes open."""
    global _child, _lock
    _lock = threading.Lock()
    if _child is not None:
        _child.forget()
        _child = None


os.register_at_fork(after_in_child=_after_fork)
atexit.register(stop)
