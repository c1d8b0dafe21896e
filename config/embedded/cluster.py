"""Making a cluster, refusing one of another version, and the command that serves it."""

import os
import shlex
import shutil
from pathlib import Path

from config.embedded import binaries
from config.embedded.binaries import Binaries
from config.embedded.places import APP_ROLE, DATABASE, SUPERUSER, LocalPostgresError, Places

# One line, one command: that is how PostgreSQL's single-user mode reads them.
FIRST_WORDS = f"""\
CREATE ROLE {APP_ROLE} LOGIN CREATEDB
CREATE DATABASE {DATABASE} OWNER {APP_ROLE}
"""


def options() -> list[str]:
    """Further options for the server from $STRATUM_PG_OPTIONS, e.g. `-c shared_buffers=256MB`."""
    return shlex.split(os.environ.get("STRATUM_PG_OPTIONS", ""))


def prepare(places: Places, found: Binaries) -> None:
    """See that the cluster is there and of this version; make it if there is none.

    Raises LocalPostgresError with PostgreSQL's own words when it cannot be made, and with the way out when
    the data is of another major version.
    """
    mark = places.cluster / "PG_VERSION"
    if mark.exists():
        theirs = int(mark.read_text().strip())
        if theirs != found.major:
            raise LocalPostgresError(_other_version(places, theirs, found))
    elif places.cluster.exists():
        raise LocalPostgresError(
            f"{places.cluster} is there but holds no PostgreSQL data. Move it away and start again."
        )
    else:
        _create(places, found)
    _write_access(places)


def _other_version(places: Places, theirs: int, found: Binaries) -> str:
    old = binaries.of_major(theirs)
    bindir = old.folder if old else f"<folder of PostgreSQL {theirs}'s programs>"
    prefix = f"STRATUM_DATA={shlex.quote(str(places.data))} STRATUM_PG_BIN="
    tool = ".venv/bin/python -m config.local_postgres"
    named = bindir if not old else shlex.quote(str(bindir))
    return "\n".join(
        [
            f"The data in {places.cluster} was written by PostgreSQL {theirs},",
            f"but the programs in {found.folder} are PostgreSQL {found.version}. Nothing was changed.",
            f"To go on with {theirs}, set STRATUM_PG_BIN={named}",
            f"To move the data to {found.major}:",
            f"  {prefix}{named} {tool} dump stratum.dump",
            f"  mv {shlex.quote(str(places.cluster))} {shlex.quote(f'{places.cluster}-{theirs}')}",
            f"  {prefix}{shlex.quote(str(found.folder))} {tool} restore stratum.dump",
        ]
    )


def _create(places: Places, found: Binaries) -> None:
    """Make the cluster under a passing name and rename it when it is whole, so that a kill leaves nothing
    half-made.
    """
    for rest in places.home.glob("cluster.making-*"):
        shutil.rmtree(rest, ignore_errors=True)
    fresh = places.home / f"cluster.making-{os.getpid()}"
    fresh.mkdir(mode=0o700)
    if places.account.drops:
        os.chown(fresh, places.account.uid, places.account.gid)
    initdb = [
        found.program("initdb"),
        "-D",
        str(fresh),
        "-U",
        SUPERUSER,
        "-A",
        "reject",
        "--encoding=UTF8",
        "--data-checksums",
    ]
    if "fsync=off" in options():
        initdb.append("--no-sync")
    # The builtin provider's order never changes with the operating system, so no index ever has to be rebuilt
    # for it.
    if found.major >= 17:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # What cuts texts into words asks the operating system which characters are letters, whoever sorts. Told C, it
        # takes every one beyond ASCII for a letter, “quotes” and dashes too. Systems name the same thing differently.
        attempts = [["--locale=C", f"--lc-ctype={name}", *builtin] for name in ("C.UTF-8", "UTF-8", "C")]
    else:
        attempts = [["--locale=C.UTF-8"], ["--locale=C"]]
    for locale in attempts:
        done = places.account.run([*initdb, *locale])
        if done.returncode == 0:
            break
    _expect(done.returncode == 0, "create its data", done.stderr + done.stdout, fresh)
    single = [found.program("postgres"), "--single", "-D", str(fresh), *options(), "postgres"]
    done = places.account.run(single, FIRST_WORDS)
    _expect(done.returncode == 0 and "ERROR" not in done.stderr, "create its roles", done.stderr, fresh)
    fresh.rename(places.cluster)


def _expect(ok: bool, deed: str, words: str, fresh: Path) -> None:
    if ok:
        return
    shutil.rmtree(fresh, ignore_errors=True)
    if "No space left on device" in words:
        raise LocalPostgresError(f"The disk that holds {fresh.parent} is full; PostgreSQL could not {deed}.")
    tail = "\n".join(f"  {line}" for line in words.strip().splitlines()[-6:])
    raise LocalPostgresError(f"PostgreSQL could not {deed}. It says:\n{tail}")


def _write_access(places: Places) -> None:
    """Say who may connect: the account the server runs as, and root; each proven by the kernel, without
    passwords.
    """
    names = dict.fromkeys([places.account.name, "root"])
    lines = [f'stratum "{name}" {role}\n' for name in names for role in (SUPERUSER, APP_ROLE)]
    for name, text in (("hba.conf", "local all all peer map=stratum\n"), ("ident.conf", "".join(lines))):
        fresh = places.home / f"{name}.{os.getpid()}"
        fresh.write_text(text)
        fresh.chmod(0o640 if places.account.drops else 0o600)
        if places.account.drops:
            os.chown(fresh, -1, places.account.gid)
        fresh.replace(places.home / name)


def command(places: Places, found: Binaries, sockets: Path) -> list[str]:
    """The server's command line. Small memory: a newcomer's laptop holds it without noticing."""
    wanted = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "hba_file": str(places.home / "hba.conf"),
        "ident_file": str(places.home / "ident.conf"),
        "cluster_name": "stratum",
        "shared_buffers": "48MB",
        "max_wal_size": "256MB",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] ",
    }
    argv = [found.program("postgres"), "-D", str(places.cluster)]
    for name, value in wanted.items():
        argv += ["-c", f"{name}={value}"]
    return [*argv, *options()]
