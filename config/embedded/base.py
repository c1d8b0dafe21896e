"""The backend `config.postgresql`, with a server that starts itself: `ENGINE = "config.embedded"`.

HOST is the server's socket folder, `local_postgres.socket_dir(settings.DATA)`.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient
from django.db.utils import OperationalError

from config import local_postgres
from config.postgresql import base


class DatabaseClient(PostgresClient):
    """`manage.py dbshell`, which opens no connection of Django's before it runs psql."""

    connection: "DatabaseWrapper"

    def runshell(self, parameters: Iterable[str]) -> None:
        self.connection.ensure()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """Starts the embedded server before the first connection, and again when it was killed meanwhile."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """The parameters for psycopg; PGPORT and PGHOSTADDR in the environment mean other servers, not this
        one.
        """
        return {**super().get_connection_params(), "port": str(local_postgres.PORT), "hostaddr": ""}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection. Raises OperationalError, with a sentence for the operator, when the server cannot
        run.
        """
        # Where requests are answered, one thread does this for all others, which must not wait for a server to start.
        if not self.settings_dict.get("PATIENT", True):
            return super().get_new_connection(conn_params)
        self.ensure()
        try:
            return super().get_new_connection(conn_params)
        except self.Database.OperationalError:
            # Killed, or still recovering from that. Once it answers, a second refusal is about something
            # else.
            self.ensure(check=True)
            return super().get_new_connection(conn_params)

    def ensure(self, *, check: bool = False) -> None:
        """See that the server runs; raises OperationalError when it cannot."""
        try:
            local_postgres.ensure(Path(settings.DATA), check=check)
        except local_postgres.LocalPostgresError as error:
            raise OperationalError(str(error)) from error
