"""The child process that renders: `python -m blog.markup.child`. Reads requests, writes replies, holds no
secrets.

A message is four bytes of length (big endian) and that many bytes of JSON. The request is
`{"source", "language", "seconds"}`, the reply `{"rendered"}`, `{"refused", "values"}` or `{"failed"}`. The process
ends when its input does. While it works, a timer of the kernel and a limit on processor time end it, even if its
parent is gone and the interpreter is stuck in a regular expression, where no Python signal handler or thread would get
a turn.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import select
import signal
import struct
import traceback

MEMORY = 1024**3
"""Address space in bytes. A 200,000-character post needs about 150 MB."""
IDLE_SECONDS = 600


def read(count: int) -> bytes:
    """Exactly `count` bytes of standard input, or fewer at its end."""
    parts = []
    while count:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def write(message: dict[str, object]) -> None:
    """Send one reply."""
    body = json.dumps(message).encode()
    view = memoryview(struct.pack(">I", len(body)) + body)
    while view:
        view = view[os.write(1, view) :]


def limit(seconds: float) -> None:
    """Let the kernel end this process after `seconds` of wall clock or of processor time from now."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def main() -> None:
    """Serve until the input ends, or nobody has asked for IDLE_SECONDS."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent; its end closes our input
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):  # not every system has it; time is bounded all the same
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from .pipeline import render
    from .rendered import RenderRefused

    while select.select([0], [], [], IDLE_SECONDS)[0]:
        head = read(4)
        if len(head) < 4:
            return
        request = json.loads(read(struct.unpack(">I", head)[0]))
        limit(request["seconds"])
        try:
            reply: dict[str, object] = {
                "rendered": render(request["source"], language=request["language"]).to_json()
            }
        except RenderRefused as refused:
            reply = {"refused": refused.sentence, "values": refused.values}
        except MemoryError:
            reply = {"refused": "memory", "values": {}}
        except Exception:
            reply = {"failed": traceback.format_exc(limit=-6)[-3000:]}
        signal.setitimer(signal.ITIMER_REAL, 0)
        write(reply)


if __name__ == "__main__":
    main()
