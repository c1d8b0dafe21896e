"""The last good copies on disk, for when the database is away and the web processes have begun anew.

All processes write to one folder, of bounded size, each copy to a file of its own that is there whole or not at all. A
thread writes; no request waits for the disk, and none notices when it is full.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty, Full, Queue

from .copies import Copy

logger = logging.getLogger(__name__)

WAITING = 500
"""Copies that wait to be written, at most; more are not."""
SWEEP = 200
"""Writes after which the folder's size is looked at."""
QUIET = 60.0
"""Seconds without a failure after which a disk works again: on a full one now and then a small copy finds room."""
FORM = 1
"""Raised when files are written otherwise; others are not read."""


class Disk:
    """Copies by key in `folder`, in `most` bytes."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most
        self.works = True
        self._failed_at = float("-inf")
        self._queue: Queue[tuple[str, Copy | None]] = Queue(WAITING)
        self._begun = threading.Lock()
        self._pid = 0
        self._writes = 0

    def put(self, key: str, copy: Copy | None) -> None:
        """Have a copy written; None has it removed, for the page is no more."""
        if not self.most:
            return
        self._begin()
        with suppress(Full):
            self._queue.put_nowait((key, copy))

    def get(self, key: str) -> Copy | None:
        """The copy of a key, if it is whole."""
        try:
            head, _, body = self._file(key).read_bytes().partition(b"\n")
            told = json.loads(head)
            if told["form"] != FORM or told["key"] != key:
                return None
            if told["sum"] != _sum(body):
                return None
            headers = [(str(name), str(value)) for name, value in told["headers"]]
            return Copy(body, headers, made_at=float(told["made_at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, key: str, copy: Copy | None) -> None:
        """Now, in this thread; raises OSError."""
        file = self._file(key)
        if copy is None:
            file.unlink(missing_ok=True)
            return
        found = self.get(key)
        if found is not None and (found.body, found.headers, found.vary) == (
            copy.body,
            copy.headers,
            copy.vary,
        ):
            os.utime(file)
            return
        told = {
            "form": FORM,
            "key": key,
            "sum": _sum(copy.body),
            "made_at": copy.made_at,
            "headers": [*copy.headers, ("Vary", copy.vary)],
        }
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{os.getpid()}.new")
        try:
            fresh.write_bytes(json.dumps(told).encode() + b"\n" + copy.body)
            fresh.replace(file)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise

    def sweep(self) -> None:
        """Remove what was not made again for longest, until the rest fits; and what a killed process left half done."""
        found = []
        for file in self.folder.glob("*/*"):
            with suppress(OSError):
                seen = file.stat()
                found.append((seen.st_mtime, seen.st_size, file))
        total = sum(size for _, size, _ in found)
        newest = max((at for at, _, _ in found), default=0.0)
        for at, size, file in sorted(found):
            if total > self.most or (file.suffix == ".new" and at < newest - 60):
                total -= size
                file.unlink(missing_ok=True)

    def _file(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()[:40]
        return self.folder / name[:2] / name[2:]

    def _begin(self) -> None:
        if self._pid == os.getpid():
            return
        with self._begun:
            if self._pid != os.getpid():
                self._pid = os.getpid()
                threading.Thread(target=self._run, daemon=True, name="page-cache-disk").start()

    def _run(self) -> None:
        while True:
            key, copy = self._queue.get()
            try:
                if self._writes % SWEEP == 0:
                    self.sweep()
                self._writes += 1
                self.write(key, copy)
            except OSError as error:
                self._say(False, error)
                self._drop()
            except Exception:
                logger.exception("A copy could not be written.")
            else:
                self._say(True)

    def _drop(self) -> None:
        """What waits would fail in the same way."""
        with suppress(Empty):
            while True:
                self._queue.get_nowait()

    def _say(self, works: bool, error: OSError | None = None) -> None:
        """A line in the log when it changes, and only then."""
        now = time.monotonic()
        if not works:
            self._failed_at = now
        if works == self.works or (works and now - self._failed_at < QUIET):
            return
        self.works = works
        if works:
            logger.warning("Copies of pages are written again.")
        else:
            why = error.strerror if error else ""
            logger.warning(
                "No copies of pages can be written to %s: %s. Readers notice nothing.", self.folder, why
            )


def _sum(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
