"""The file format: a plain tar with a head, members, and a seal.

    backup.json      the head: format, size of the whole file, versions, settings
    database.dump    pg_dump's custom format
    originals/…      uploads as they came
    media/…          pictures as they are served
    contents.json    what each of these must be: SHA-256s, rows of the tables, bytes of the pages
    SHA256           the seal: a checksum of every byte before it

The seal's own bytes, padding included, follow from the checksum: a change of any bit of the file is found, and so is a
missing end. It keeps out accidents, not forgers; so the reader takes nothing but regular files with names of ours.
Source: the ustar format of POSIX.1-1988, as the module tarfile writes it.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .errors import Altered, Hostile, NoBackup, Truncated, WrongVersion

FORMAT = 1
HEAD, DATABASE, CONTENTS, SEAL = "backup.json", "database.dump", "contents.json", "SHA256"
FOLDERS = ("originals", "media")
BLOCK = 512
CHUNK = 1 << 20
LARGEST_HEAD = 1 << 20
LARGEST_CONTENTS = 1 << 30
MODE = 0o600


@dataclass(frozen=True)
class Member:
    """A file in the archive: where its bytes begin, and how many they are."""

    name: str
    start: int
    size: int


def header(name: str, size: int, at: int) -> bytes:
    """The block before a member. Raises Hostile for a name that ustar can't hold."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, MODE, at
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")
    except (ValueError, UnicodeError) as error:
        raise Hostile(f"A file is named {name!r}, which no archive can hold: {error}") from None


def padding(size: int) -> bytes:
    return b"\0" * (-size % BLOCK)


def seal(digest: str, at: int) -> bytes:
    """The last bytes of an archive: the member with its checksum, and tar's two empty blocks."""
    words = f"{digest}\n".encode()
    return header(SEAL, len(words), at) + words + padding(len(words)) + b"\0" * (2 * BLOCK)


SEAL_SIZE = len(seal("0" * 64, 0))


class Writer:
    """Writes an archive into a file opened for reading and writing. `at`: seconds since the epoch, in every header."""

    def __init__(self, file: IO[bytes], head: dict[str, Any], *, at: int) -> None:
        self.file, self.at = file, at
        self.head = {"format": FORMAT, "bytes": "0" * 16, **head}
        self.add(HEAD, [self._head()])

    def _head(self) -> bytes:
        return json.dumps(self.head, ensure_ascii=False, indent=1).encode() + b"\n"

    def add(self, name: str, chunks: Iterable[bytes]) -> tuple[int, str]:
        """Write a member whose size is not known before; returns its size and SHA-256."""
        start = self.file.tell()
        self.file.write(bytes(BLOCK))
        size, digest = 0, hashlib.sha256()
        for chunk in chunks:
            self.file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        self.file.write(padding(size))
        end = self.file.tell()
        self.file.seek(start)
        self.file.write(header(name, size, self.at))
        self.file.seek(end)
        return size, digest.hexdigest()

    def finish(self, contents: dict[str, Any]) -> tuple[int, str]:
        """Write the contents, the size into the head, and the seal. Returns the size and the checksum."""
        self.add(CONTENTS, [json.dumps(contents, ensure_ascii=False).encode() + b"\n"])
        total = self.file.tell() + SEAL_SIZE
        self.head["bytes"] = f"{total:016}"
        self.file.seek(BLOCK)
        self.file.write(self._head())
        self.file.seek(0)
        digest = hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]
        self.file.write(seal(digest, self.at))
        return total, digest


class Archive:
    """An archive whose every byte was checked. Use as a context manager.

    Raises:
        NoBackup, Truncated, Altered: see errors.py
        WrongVersion: it was written by a newer program.
        Hostile: it holds links, devices, names that lead elsewhere, a file twice, or no known contents.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.file = path.open("rb")
        except OSError as error:
            raise NoBackup(f"{path} can't be read: {error.strerror}.") from None
        try:
            self.size = self.file.seek(0, 2)
            self.digest = self._checked()
            self.head = self._json(self._first(), LARGEST_HEAD)
            if self.head.get("format") != FORMAT:
                raise WrongVersion(
                    f"{path} has the format {self.head.get('format')!r}; this program reads {FORMAT}. "
                    "Use the version of Stratum that made it, or a newer one."
                )
            self.members = {one.name: one for one in self._walk()}
            for needed in (DATABASE, CONTENTS):
                if needed not in self.members:
                    raise Hostile(f"{path} has no {needed}.")
            self.contents = self._json(self.members[CONTENTS], LARGEST_CONTENTS)
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _checked(self) -> str:
        """The checksum in the seal, which is that of the file."""
        self.file.seek(0)
        start = self.file.read(BLOCK)
        if start[: len(HEAD) + 1] != HEAD.encode() + b"\0":
            raise NoBackup(f"{self.path} is no backup of Stratum, or its very beginning was altered.")
        said = self._said_size()
        if self.size < SEAL_SIZE + BLOCK or (said and self.size < said):
            missing = f": {self.size:,} of {said:,} bytes are there" if said else ""
            raise Truncated(f"{self.path} is truncated{missing}. Fetch it again from where it was copied.")
        digest = hashlib.sha256()
        self.file.seek(0)
        left = self.size - SEAL_SIZE
        while left:
            chunk = self.file.read(min(CHUNK, left))
            if not chunk:
                raise Truncated(f"{self.path} became shorter while it was read.")
            digest.update(chunk)
            left -= len(chunk)
        tail = self.file.read(SEAL_SIZE)
        info = tarfile.TarInfo.frombuf(start, "utf-8", "strict") if self._is_header(start) else None
        if info is None or tail != seal(digest.hexdigest(), int(info.mtime)):
            raise Altered(
                f"{self.path} was altered after it was made: its checksum does not match. Use another copy."
            )
        return digest.hexdigest()

    def _said_size(self) -> int:
        """The size that the head tells; 0 where it can't be read, as when it was altered."""
        self.file.seek(0)
        block = self.file.read(BLOCK)
        try:
            size = tarfile.TarInfo.frombuf(block, "utf-8", "strict").size
            return int(json.loads(self.file.read(min(size, LARGEST_HEAD)))["bytes"])
        except (tarfile.HeaderError, ValueError, KeyError, TypeError, RecursionError):
            return 0

    @staticmethod
    def _is_header(block: bytes) -> bool:
        try:
            return bool(tarfile.TarInfo.frombuf(block, "utf-8", "strict"))
        except (tarfile.HeaderError, UnicodeError):
            return False

    def _first(self) -> Member:
        return next(self._walk())

    def _walk(self) -> Iterator[Member]:
        """All members but the seal, in order."""
        place, end = 0, self.size - SEAL_SIZE
        seen: set[str] = set()
        while place < end:
            self.file.seek(place)
            try:
                info = tarfile.TarInfo.frombuf(self.file.read(BLOCK), "utf-8", "strict")
            except (tarfile.HeaderError, UnicodeError) as error:
                raise Hostile(f"{self.path} is no tar at byte {place:,}: {error}.") from None
            if info.type != tarfile.REGTYPE:
                raise Hostile(f"{self.path} holds {info.name!r}, which is no regular file.")
            if not is_ours(info.name) or info.name in seen:
                raise Hostile(f"{self.path} holds a file named {info.name!r}, as no backup does.")
            if info.size < 0 or place + BLOCK + info.size > end:
                raise Hostile(f"{self.path}: {info.name!r} is said to be longer than the archive.")
            seen.add(info.name)
            yield Member(info.name, place + BLOCK, info.size)
            place += BLOCK + info.size + len(padding(info.size))

    def _json(self, member: Member, limit: int) -> dict[str, Any]:
        if member.size > limit:
            raise Hostile(f"{self.path}: {member.name} has {member.size:,} bytes, as in no backup.")
        self.file.seek(member.start)
        try:
            found = json.loads(self.file.read(member.size))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Hostile(f"{self.path}: {member.name} can't be read.")
        return found

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a member, piece by piece."""
        member = self.members[name]
        place, left = member.start, member.size
        while left:
            # Others may have read elsewhere meanwhile.
            self.file.seek(place)
            chunk = self.file.read(min(CHUNK, left))
            if not chunk:
                raise Truncated(f"{self.path} became shorter while it was read.")
            yield chunk
            place, left = place + len(chunk), left - len(chunk)


def is_ours(name: str) -> bool:
    """Whether a member may have this name: a fixed one, or plain steps below a known folder."""
    if name in {HEAD, DATABASE, CONTENTS}:
        return True
    folder, *steps = name.split("/")
    plain: Callable[[str], bool] = lambda step: bool(step) and step[0] != "." and step.isprintable()  # noqa: E731
    return folder in FOLDERS and bool(steps) and all(map(plain, steps)) and "\\" not in name
