"""The child process: forked by the `nursery`, it reads one request, answers it, and is gone.

It takes its limits upon itself before it reads a byte.
"""

import ctypes
import dataclasses
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from .specs import MEMORY_BYTES, ImageRefused
from .wire import pack, unpack

SET_PARENT_DEATH_SIGNAL = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""


def main(seconds: int, parent: int) -> None:
    """Answer the request on standard input: with results, with a refusal, or with the trace of a fault.

    Args:
        seconds: wall-clock and CPU limit; the parent has the same and kills at it, this one holds when it is
            gone.
        parent: process id of the nursery, to notice that it died before this began.
    """
    limit(seconds, parent)
    try:
        head, blobs = answer(*unpack(sys.stdin.buffer.read()))
    except ImageRefused as refusal:
        head, blobs = refusal.told(), []
    except MemoryError:
        head, blobs = {"memory": True}, []
    except Exception:
        head, blobs = {"failed": traceback.format_exc()}, []
    sys.stdout.buffer.write(pack({**head, "peak_kib": peak_kib()}, blobs))
    sys.stdout.buffer.flush()


def answer(head: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Do what `head["task"]` asks with the one blob."""
    if head["task"] == "diagram":
        from .diagram_child import drawn as draw

        light, dark, width, height = draw(blobs[0].decode(), head["scale"])
        return {"made": [{"width": width, "height": height}]}, [light, dark]
    if head["task"] == "look":
        from .card import opened
        from .nature import look

        return {"look": look(opened(blobs[0]))}, []
    made: list[Any]
    if head["task"] == "clean":
        from .cleaning import cleaned

        made = [cleaned(blobs[0], head["name"])]
    elif head["task"] == "card":
        from .card import drawn
        from .specs import CardWords

        authors = tuple(head["words"].pop("authors"))
        made = [drawn(CardWords(**head["words"], authors=authors), blobs[0], head["focus"])]
    else:
        from .resizing import encoded

        made = encoded(blobs[0], graphic=head["graphic"])
    fields = [{**dataclasses.asdict(dataclasses.replace(one, data=b"")), "data": None} for one in made]
    return {"made": fields}, [one.data for one in made]


def limit(seconds: int, parent: int) -> None:
    """Bound memory, time and files, and die with the parent."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds + 1)
    bounds = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in bounds.items():
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        # At the soft limit of CPU time the child dies of SIGXCPU, which says why; the hard one would be mute.
        ceiling = hard if which == resource.RLIMIT_CPU else most
        try:
            resource.setrlimit(which, (most, ceiling))
        except (OSError, ValueError):
            # macOS refuses RLIMIT_AS; the limits of time and pixels stand.
            continue
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def peak_kib() -> int:
    """The most memory this process held, in KiB. Linux's `ru_maxrss` would count the parent's before the
    exec."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most
