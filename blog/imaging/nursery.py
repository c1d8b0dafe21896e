"""The process that children are forked from: `python -m blog.imaging.nursery DESCRIPTOR`.

A child that starts from nothing spends four fifths of its life on loading Python and the decoders. This process has
loaded them and waits; it never reads a byte of a picture. Each request on its socket, the child's seconds with three
descriptors (what the child reads, what it writes, and a line to whoever asked), is a fork.

The line is how a child is ended and how its end is told: its exit code is written to it as four bytes, and when
whoever asked lets go of the line, the child's process group is killed. Lines and socket close with the process at
their other end, whatever happens to it, and this one ends with its last child.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys

from . import child

LOADED = (
    "card",
    "cleaning",
    "decode",
    "diagram_child",
    "encode",
    "nature",
    "probe",
    "resizing",
    "vector_child",
)
"""Modules of this room that children use, with the decoders that they import."""
IDLE_SECONDS = 600
"""After this long without a request it ends; the next one starts another."""
CODE_BYTES = 4


def main(descriptor: int) -> None:
    """Fork children for the process at the other end of the socket, until that lets go of it."""
    for name in LOADED:
        # Some need packages that are optional; who asks for those will be told so by the child.
        with contextlib.suppress(ImportError):
            importlib.import_module(f".{name}", __package__)
    gc.collect()
    gc.freeze()  # a child's collector would else write to, and so copy, every page it shares
    with socket.socket(fileno=descriptor) as control:
        control.sendall(b"r")
        Nursery(control).serve()


class Nursery:
    """The children that live, each with its line."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.children: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.wake, wakes = os.pipe()
        for end in (self.wake, wakes):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        self.selector.register(control, selectors.EVENT_READ)
        self.selector.register(self.wake, selectors.EVENT_READ)

    def serve(self) -> None:
        wanted = True
        while wanted or self.children:
            ready = self.selector.select(IDLE_SECONDS)
            if not ready:
                wanted = False
            for key, _ in ready:
                if key.fileobj is self.control:
                    wanted = self.fork()
                    if not wanted:
                        self.selector.unregister(self.control)
                elif key.fileobj == self.wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.wake, 4096)
                else:
                    self.selector.unregister(key.fileobj)
                    end(key.data)
            self.collect()

    def fork(self) -> bool:
        """Take one request; whether there was one."""
        try:
            asked, descriptors, _, _ = socket.recv_fds(self.control, CODE_BYTES, 3)
        except ConnectionError:
            return False
        if len(asked) < CODE_BYTES or len(descriptors) < 3:
            return False
        pid = os.fork()
        if pid == 0:
            live(int.from_bytes(asked, "big"), *descriptors[:2])
        for descriptor in descriptors[:2]:
            os.close(descriptor)
        line = self.children[pid] = socket.socket(fileno=descriptors[2])
        self.selector.register(line, selectors.EVENT_READ, pid)
        return True

    def collect(self) -> None:
        """Tell of the children that have ended, and let nothing of them stay."""
        for pid, line in list(self.children.items()):
            # Until it is collected its number is its own, and so is the group of that number.
            if not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                continue
            end(pid)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            del self.children[pid]
            with contextlib.suppress(KeyError):
                self.selector.unregister(line)
            with line, contextlib.suppress(OSError):
                line.sendall(code.to_bytes(CODE_BYTES, "big", signed=True))


def live(seconds: int, reads: int, writes: int) -> None:
    """A child's life, from fork to end; it shares memory with the nursery, but nothing that is open."""
    code = 1
    try:
        parent = os.getppid()
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(reads, 0)
        os.dup2(writes, 1)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        child.main(seconds, parent)
        code = 0
    finally:
        # Never back into the nursery's loop, nor through what it would do at its own end.
        os._exit(code)


def end(pid: int) -> None:
    """Kill a child with all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # it is too young to lead a group


if __name__ == "__main__":
    main(int(sys.argv[1]))
