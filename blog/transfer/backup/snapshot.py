"""What a database holds, counted: rows and a checksum of each table, the files that rows name, applied migrations."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.core.files.storage import Storage, default_storage
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from blog.models.figure import originals

# Order does not matter to a sum, so no table is sorted. Sixty bits of each row's MD5, the same on every server.
TABLE = """
    SELECT count(*), coalesce(sum(('x' || left(md5({}::text), 15))::bit(60)::bigint), 0)::text FROM ONLY {} AS t
"""
TABLES = """
    SELECT relname, array_agg(attname::text ORDER BY attnum) FILTER (WHERE attgenerated = ''),
        bool_or(attgenerated <> '')
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace GROUP BY relname ORDER BY relname
"""
GIVEN = "given"
"""What an archive says its checksums are of: the columns that were written. Those that the server computes from them it
computes anew when a dump is loaded; one that has other classes of characters cuts texts into other words."""


def tables(*, of: str = GIVEN) -> dict[str, list[int | str]]:
    """Of each table its rows and a checksum of them.

    Args:
        of: GIVEN; "" for whole rows, as in archives that do not say what their checksums are of.
    """
    told: dict[str, list[int | str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 1"
        )
        cursor.execute("SET LOCAL IntervalStyle = 'postgres'; SET LOCAL bytea_output = 'hex'")
        cursor.execute(TABLES)
        for name, given, computes in cursor.fetchall():
            row: sql.Composable = sql.Identifier("t")
            if of == GIVEN and computes:
                row = sql.SQL("ROW({})").format(sql.SQL(", ").join(sql.Identifier("t", one) for one in given))
            cursor.execute(sql.SQL(TABLE).format(row, sql.Identifier(name)))
            rows, checksum = cursor.fetchone()
            told[name] = [rows, checksum]
    return told


def storage_of(folder: str) -> Storage:
    """Where the files of an archive's folder lie. Raises KeyError for an unknown one."""
    return {"originals": originals(), "media": default_storage}[folder]


def files() -> Iterator[tuple[str, str]]:
    """Every stored file that a row names, as folder and name; each once."""
    seen: set[tuple[str, str]] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField) and model._meta.managed:
                folder = "originals" if getattr(field, "_storage_callable", None) is originals else "media"
                names = model._base_manager.exclude(**{field.name: ""}).values_list(field.attname, flat=True)
                for name in names.order_by().distinct().iterator(chunk_size=5_000):
                    if name and (folder, name) not in seen:
                        seen.add((folder, name))
                        yield folder, name


def applied() -> list[str]:
    """The migrations that the database says it has, as `app.name`, sorted."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def known() -> set[str]:
    """The migrations that this program has, those that others replaced among them."""
    loader = MigrationLoader(None)
    found = {f"{app}.{name}" for app, name in loader.disk_migrations}
    for migration in loader.disk_migrations.values():
        found |= {f"{app}.{name}" for app, name in migration.replaces}
    return found
