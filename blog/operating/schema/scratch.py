"""An empty copy of the site's database: its schema, and the rows that migrations ask for, but no content."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from blog.models import servers
from blog.models.direct import direct, name
from blog.models.servers import CannotWork

KEPT = ("django_migrations", "django_content_type")
"""Tables that come with their rows: without them every migration would be pending."""


@contextmanager
def empty_copy() -> Iterator[str]:
    """The name of the copy, which is dropped at the block's end. Reading the schema takes the weakest of locks.

    Raises:
        CannotWork: pg_dump is missing, or the role may not create databases.
    """
    with servers.standing(direct()) as site:
        tool, _ = servers.program("pg_dump", at_least=servers.major(site))
        source, environment = servers.address(site)
        tables = servers.ask(
            site,
            "SELECT array_agg(relname::text) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)",
            [list(KEPT)],
        )
    with servers.scratch(name()) as copy:
        target, _ = servers.address(direct(copy))
        words = [tool, "-Fc", "--no-owner", "--no-privileges", "--lock-wait-timeout=10s"]
        words += [f'--exclude-table-data=public."{table}"' for table in tables or []]
        dumped = subprocess.run(
            [*words, f"--dbname={source}"], env=environment, capture_output=True, check=False
        )
        restore, _ = servers.program("pg_restore", at_least=servers.major(direct(servers.MAINTENANCE)))
        restored = subprocess.run(
            [restore, "--no-owner", "--exit-on-error", f"--dbname={target}"],
            env=environment, input=dumped.stdout, capture_output=True, check=False,
        )  # fmt: skip
        if dumped.returncode or restored.returncode:
            said = (dumped.stderr + restored.stderr).decode(errors="replace").strip().splitlines()
            raise CannotWork(f"The schema could not be copied: {' '.join(said[-2:])}")
        yield copy
