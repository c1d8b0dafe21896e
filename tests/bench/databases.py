"""Where the benchmark's databases are: on the site's server, beside the site's own database, never in it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from blog.transfer.synthetic import corpus

PREFIX = "stratum_bench_"


def server_url(data: Path) -> str:
    """DATABASE_URL, or the address of the embedded server, which then runs as long as this process."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    from config import local_postgres, secret

    secret.secret_key(data, create=True)
    local_postgres.ensure(data)
    folder = quote(str(local_postgres.socket_dir(data)), safe="")
    return f"postgres://{local_postgres.APP_ROLE}@{folder}:{local_postgres.PORT}/{local_postgres.DATABASE}"


def of_length(words: int) -> str:
    """What tells posts of another length than usual in the names of databases and files: they are never mixed."""
    return "" if words == corpus.WORDS else f"_{words}_words"


def name(posts: int, words: int) -> str:
    return f"{PREFIX}{posts}{of_length(words)}"


def url_of(server: str, name: str) -> str:
    """The same server, another database."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def create(server: str, name: str, *, fresh: bool) -> None:
    """Creates the benchmark database `name` if there is none; `fresh` drops a former one first.

    Raises:
        ValueError: the name is not one of ours.
        psycopg.Error: the role may not create databases.
    """
    if not name.startswith(PREFIX):
        raise ValueError(f"{name} is not a benchmark's database")
    with _maintenance(server) as connection:
        if fresh:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))


def label(server: str, name: str) -> str:
    """What the database says it holds: empty until a load has ended."""
    with _maintenance(server) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    return (row and row[0]) or ""


def set_label(server: str, name: str, text: str) -> None:
    """Writes down what the database holds, as its comment: no table of the site is needed for it."""
    with _maintenance(server) as connection:
        connection.execute(
            sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text))
        )


def _maintenance(server: str) -> psycopg.Connection:
    """A connection from which databases can be created; only if `postgres` is closed to us, the site's own."""
    try:
        return psycopg.connect(url_of(server, "postgres"), autocommit=True)
    except psycopg.OperationalError:
        return psycopg.connect(server, autocommit=True)
