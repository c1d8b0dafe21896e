"""Archives made from others, with a part exchanged, and sealed as if they were our own."""

import hashlib
import tarfile
from pathlib import Path

from blog.transfer.backup.archive import (
    BLOCK,
    CONTENTS,
    HEAD,
    SEAL_SIZE,
    Archive,
    Writer,
    header,
    padding,
    seal,
)

AT = 1_700_000_000


def small(path: Path) -> Path:
    """An archive without any database in it, for what concerns the file alone."""
    with path.open("w+b") as file:
        writer = Writer(file, {"versions": {"stratum": "1"}}, at=AT)
        writer.add("database.dump", [b"rows" * 300])
        writer.add("media/figures/ab/abcd.png", [b"picture", b"!"])
        writer.finish({"files": {}})
    return path


def rebuilt(source: Path, path: Path, *, head=None, contents=None, members=None) -> Path:
    """The archive with other words in its head or contents, or with other bytes in members; sealed anew."""
    with Archive(source) as old, path.open("w+b") as file:
        told = {key: value for key, value in old.head.items() if key not in {"format", "bytes"}}
        writer = Writer(file, told | (head or {}), at=AT)
        listed = old.contents | (contents or {})
        for name in old.members:
            if name not in {HEAD, CONTENTS}:
                data = (members or {}).get(name) or b"".join(old.read(name))
                writer.add(name, [data])
                if members and name == "database.dump" in members:
                    listed["database"] = hashlib.sha256(data).hexdigest()
        writer.finish(listed)
    return path


def with_member(source: Path, path: Path, name: str, *, data: bytes = b"x", **fields) -> Path:
    """The archive with one more member, of any name and type, before its seal."""
    whole = source.read_bytes()[:-SEAL_SIZE]
    block = bytearray(header("media/x", len(data), AT))
    block[:100] = name.encode().ljust(100, b"\0")
    for place, value in fields.get("bytes", {}).items():
        block[place : place + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    whole += bytes(block) + data + padding(len(data))
    at = tarfile.TarInfo.frombuf(whole[:BLOCK], "utf-8", "strict").mtime
    # The head tells the size, in a place of fixed width.
    said = f"{len(source.read_bytes()):016}".encode()
    assert whole[: BLOCK * 4].count(said) == 1
    whole = whole.replace(said, f"{len(whole) + SEAL_SIZE:016}".encode(), 1)
    path.write_bytes(whole + seal(hashlib.sha256(whole).hexdigest(), int(at)))
    return path
