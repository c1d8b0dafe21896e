"""What an operator can put right, said in a sentence instead of a traceback."""

from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import Error, OperationalError
from environs import EnvError, EnvValidationError


def complaint(error: Exception) -> str | None:
    """A sentence for an error that lies in the environment or in the way to the database; None for all others.

    Among those others are mistakes in the program, whose traceback is wanted.
    """
    if isinstance(error, EnvValidationError):
        variable = str(error).partition(":")[0]
        return f"{variable}: {' '.join(_flat(error.error_messages))}"
    if isinstance(error, EnvError):
        return str(error)
    # Once the settings are loaded, the same exception tells of a mistake in the program.
    if isinstance(error, ImproperlyConfigured) and not settings.configured:
        return str(error)
    if isinstance(error, Error):
        # libpq gives no code to a failure to connect; statements that fail have one.
        code = getattr(error.__cause__, "sqlstate", None)
        words = str(error).strip().replace("\n\n", "\n")
        if isinstance(error, OperationalError) and code is None:
            return words
        if code == "42501":
            return f"The database refuses: {words.partition(chr(10))[0]}. Let its user own the database."
    return None


def _flat(messages: object) -> Iterable[str]:
    if isinstance(messages, dict):
        for each in messages.values():
            yield from _flat(each)
    elif isinstance(messages, list | tuple):
        for each in messages:
            yield from _flat(each)
    else:
        yield str(messages)
