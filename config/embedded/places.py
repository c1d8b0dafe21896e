"""Where the embedded server keeps its files, and whose they are.

Below the data folder, `postgres/` holds the locks, the log and the cluster. The cluster moves to a state
folder in two cases only: root runs us and the account PostgreSQL must run as cannot reach the data folder
(/root is closed to everybody), or the path is too long for PostgreSQL's fixed buffers. A text file in the
data folder then says where.
"""

import contextlib
import hashlib
import os
import pwd
import stat
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded import keeper

SUPERUSER = "stratum_runner"
APP_ROLE = "stratum"
DATABASE = "stratum"
PORT = 5432
"""Only names the socket file; the server listens on no network."""

ELSEWHERE = "POSTGRES-IS-ELSEWHERE.txt"
# MAXPGPATH is 1024 bytes, and PostgreSQL appends names of its own.
LONGEST_PATH = 850
# Nothing of the caller's environment reaches PostgreSQL: no locale that may be missing here, no PG* variable.
CLEAN_ENV = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


class LocalPostgresError(Exception):
    """The embedded server cannot run; the message is one or more sentences for the person who started it."""


@dataclass(frozen=True)
class Account:
    """The operating system account PostgreSQL runs as; `drops` when that is not the one we run as."""

    name: str
    uid: int
    gid: int
    drops: bool

    def run(self, argv: list[str], words: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program as this account with nothing inherited; `words` are its input. Never raises.

        The program ends with us (on Linux): a killed starter leaves no initdb at work behind it.
        """
        drop: dict[str, Any] = {}
        if self.drops:
            drop = {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(
                argv,
                input=words,
                capture_output=True,
                check=False,
                text=True,
                errors="replace",
                umask=0o077,
                env=CLEAN_ENV,
                cwd="/",
                preexec_fn=keeper.follow(os.getpid()),
                **drop,
            )
        except OSError as error:
            return subprocess.CompletedProcess(argv, 126, "", f"{argv[0]}: {error.strerror}")

    def reaches(self, folder: Path) -> bool:
        """Whether this account may enter the folder; asked of the kernel, since modes do not tell of ACLs."""
        return not self.drops or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]).returncode == 0


@dataclass(frozen=True)
class Places:
    """The folders of one data folder. `base` has the locks and the log, `home` the cluster; mostly they are
    one.
    """

    data: Path
    base: Path
    home: Path
    account: Account

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.base / "server.log"


def digest(data: Path) -> str:
    """Twelve hexadecimal digits that stand for the data folder's real path."""
    return hashlib.sha256(os.fsencode(os.path.realpath(data))).hexdigest()[:12]


def socket_dir(data: Path) -> Path:
    """The folder of the server's socket: short whatever the data folder, the same in every shell and for
    every user.

    Not below XDG_RUNTIME_DIR, which cron and su do not have and which disappears at logout under a running
    site.
    """
    return Path("/tmp") / f"stratum-{digest(data)}"  # noqa: S108 - checked by `own_folder` before each use


def own_folder(folder: Path, owners: set[int], *, create_for: Account | None = None) -> bool:
    """Whether `folder` is a real folder closed to others and owned by one of `owners`; made when `create_for`
    is given.

    Raises LocalPostgresError when somebody else has put something in its place.
    """
    try:
        if create_for:
            folder.mkdir(mode=0o700)
            folder.chmod(0o700)
            if create_for.drops:
                os.chown(folder, create_for.uid, create_for.gid)
    except FileExistsError:
        pass
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise LocalPostgresError(
            f"{folder} is needed as a private folder, but it is not ours or is open to others. "
            "Remove it and start again."
        )
    return True


def find_account(data: Path) -> Account:
    """The account PostgreSQL runs as: ourselves, or, since it refuses root, an existing unprivileged one.

    Root takes, in order: $STRATUM_PG_USER, the owner of an existing cluster, the owner of the data folder,
    `postgres`, `nobody`. No account is ever added.
    """
    if os.geteuid() != 0:
        uid, gid = os.geteuid(), os.getegid()
        try:
            return Account(pwd.getpwuid(uid).pw_name, uid, gid, drops=False)
        except KeyError:
            raise LocalPostgresError(
                f"PostgreSQL needs a named account, and user id {uid} has no name here. "
                "Add it to /etc/passwd, run as another user, or set DATABASE_URL to a server."
            ) from None
    wanted = os.environ.get("STRATUM_PG_USER")
    if wanted:
        try:
            entry = pwd.getpwnam(wanted)
        except KeyError:
            raise LocalPostgresError(
                f"STRATUM_PG_USER names {wanted}, but there is no such account."
            ) from None
        if entry.pw_uid == 0:
            raise LocalPostgresError("STRATUM_PG_USER names root, as which PostgreSQL refuses to run.")
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    for folder in (recorded_home(data) / "cluster", data):
        try:
            owner = folder.stat().st_uid
            entry = pwd.getpwuid(owner)
        except (OSError, KeyError):
            continue
        if owner:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    raise LocalPostgresError(
        "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it as. "
        "Run as an ordinary user, or name an account in STRATUM_PG_USER."
    )


def make_data(data: Path) -> None:
    """Make the data folder if there is none, closed to others but for root's: PostgreSQL's account must pass
    through.
    """
    if not data.exists():
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)


def recorded_home(data: Path) -> Path:
    """Where this data folder's cluster lies by its own word: in `postgres/`, or where the note in it says."""
    try:
        return Path(os.fsdecode((data / ELSEWHERE).read_bytes().split(b"\n", 1)[0]))
    except OSError:
        return data / "postgres"


def settle(data: Path) -> Places:
    """Make the folders for this data folder, changing no permission of any that was there before.

    Raises LocalPostgresError when the data folder cannot be written.
    """
    data = Path(os.path.realpath(data))
    base = data / "postgres"
    try:
        make_data(data)
        account = find_account(data)
        same_owner = account.drops and data.stat().st_uid == account.uid
        _private(base, account)
        _private(recorded_home(data), account)
    except OSError as error:
        raise LocalPostgresError(
            f"The data folder {data} cannot be used: {error.strerror}. "
            "Set STRATUM_DATA to a folder you can write."
        ) from None
    if not os.access(base, os.R_OK | os.W_OK | os.X_OK):
        raise LocalPostgresError(
            f"{base} belongs to another user. Run as that user, or set STRATUM_DATA to a folder of your own."
        )
    home = recorded_home(data)
    if not (home / "cluster").exists() and not (data / ELSEWHERE).exists():
        home = _choose_home(data, base, account)
    if same_owner:
        os.chown(base, account.uid, account.gid)
    return Places(data, base, home, account)


def _private(folder: Path, account: Account) -> None:
    """A folder only we and PostgreSQL's account can enter.

    It is made beside its place and moved there when it is ready: of two that start at once, neither finds the other's
    half made, and the second's move either fails, for there is something in the first's by then, or changes nothing.
    """
    if folder.exists():
        return
    fresh = folder.with_name(f".{folder.name}-{os.getpid()}-{threading.get_ident()}")
    fresh.mkdir()
    try:
        fresh.chmod(0o710 if account.drops else 0o700)
        if account.drops:
            os.chown(fresh, -1, account.gid)
        fresh.rename(folder)
    except OSError:
        fresh.rmdir()
        if not folder.is_dir():
            raise


def _choose_home(data: Path, base: Path, account: Account) -> Path:
    """`base` itself where PostgreSQL can use it; else a state folder named after the data folder, with a note
    of it.
    """
    if len(os.fsencode(base)) <= LONGEST_PATH and account.reaches(base):
        return base
    name = f"stratum-{digest(data)}"
    if os.geteuid() == 0:
        parents = [Path("/var/lib"), Path("/var/tmp")]  # noqa: S108 - checked right below
    else:
        parents = [Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")]
    # A state folder that has a cluster belongs to a data folder that stood here before.
    names = [name, *(f"{name}-{number}" for number in range(2, 100))]
    for home in (parent / each for parent in parents for each in names):
        try:
            if os.geteuid() != 0:
                home.parent.mkdir(parents=True, exist_ok=True)
            _private(home, account)
            found = home.lstat()
        except OSError:
            continue
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o027
        if ours and not (home / "cluster").exists():
            return _note(data, home, base, account)
    raise LocalPostgresError(
        f"PostgreSQL runs as {account.name}, which cannot reach {data}, and no state folder could be made in "
        f"{' or '.join(map(str, parents))}. Set STRATUM_DATA to a folder that account can reach."
    )


def _note(data: Path, home: Path, base: Path, account: Account) -> Path:
    """Note down where the cluster lies; returns what is noted, which is another's word if that came first."""
    words = (
        "\nThe PostgreSQL data of this folder lies in the folder named above: PostgreSQL runs as "
        f"{account.name}, which cannot use {base} (closed to it, or too long a path).\n"
        "Move or delete the two together.\n"
    )
    fresh = data / f"{ELSEWHERE}.{os.getpid()}"
    fresh.write_bytes(os.fsencode(home) + os.fsencode(words))
    with contextlib.suppress(FileExistsError):
        (data / ELSEWHERE).hardlink_to(fresh)
    fresh.unlink()
    return recorded_home(data)
