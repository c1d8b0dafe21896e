"""The site's secret key: from the environment, or from a private file in the data folder, made once."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from config.embedded.places import make_data


def secret_key(data: Path, create: bool) -> str | None:
    """The value of $SECRET_KEY, else of the file `secret_key` in `data`; None when there is neither.

    With `create` a missing file is made: 50 random bytes in base 64, mode 0600, whole or not at all, and the
    same for all who make it at once. Raises OSError when the file cannot be read or made.
    """
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    file = data / "secret_key"
    for _ in range(2):
        with suppress(FileNotFoundError):
            return file.read_text().strip() or None
        if not create:
            return None
        _make(file)
    return None


def _make(file: Path) -> None:
    make_data(file.parent)
    fresh = file.with_name(f"secret_key.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    owner = file.parent.stat()
    with os.fdopen(fd, "w") as out:
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(fd, owner.st_uid, owner.st_gid)
        out.write(secrets.token_urlsafe(50) + "\n")
        out.flush()
        os.fsync(fd)
    # A link fails where a name is taken, a rename would overwrite: of two makers at once, both must read one
    # key.
    with suppress(FileExistsError):
        os.link(fresh, file)
    fresh.unlink()
