"""Why a backup can't be made, or an archive can't be used: each with a sentence for the operator."""

from blog.models.servers import CannotWork


class BackupError(CannotWork):
    """Nothing was changed; `str()` says what is wrong, where, and what to do."""


class NoBackup(BackupError):
    """The file is something else."""


class Truncated(BackupError):
    """The end of the archive is missing."""


class Altered(BackupError):
    """A byte of the archive is not what was written."""


class WrongVersion(BackupError):
    """The archive is whole, and this program, or this server, is too old for it."""


class Hostile(BackupError):
    """The archive is whole, and was not written by us: it holds what no backup of ours holds."""


class Different(BackupError):
    """The archive was restored, and what came out is not what went in."""
