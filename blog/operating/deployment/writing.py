"""Writes the files of a deployment into a folder."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from .plan import Plan, folder, said, values

HOLE = re.compile(r"\$\{(\w+)\}")
VARIABLE = re.compile(r"#([A-Z][A-Z0-9_]*)=(.*)")
ENVIRONMENT = "stratum.env"
PART = ".part"
"""Files of this ending stand in others."""


def texts(plan: Plan) -> dict[str, str]:
    """The files by their path in the folder.

    Raises:
        KeyError: a file has a hole for which there is no value.
    """
    known = values(plan)
    known["hardening"] = _filled((folder() / f"systemd/hardening{PART}").read_text(), known)
    made = {}
    for path in sorted(folder().rglob("*")):
        if path.is_file() and path.suffix != PART:
            made[path.relative_to(folder()).as_posix()] = _filled(path.read_text(), known)
    made[ENVIRONMENT] = "\n".join(map(_told, made[ENVIRONMENT].splitlines())) + "\n"
    made["grafana.json"] = (folder().parent.parent / "grafana.json").read_text()
    if settings.EMBEDDED_DATABASE:
        # That one is on no network.
        made = {name: text for name, text in made.items() if not name.startswith("pgbouncer/")}
    return made


def _filled(text: str, known: dict[str, str]) -> str:
    return HOLE.sub(lambda hole: known[hole[1]], text)


def _told(line: str) -> str:
    """A line of the environment, with what this process was told."""
    found = VARIABLE.fullmatch(line)
    value = said(found[1]) if found else None
    return line if found is None or value is None else f"{found[1]}={_quoted(value)}"


def _quoted(value: str) -> str:
    """As systemd reads it back, and a shell too."""
    if re.fullmatch(r"[\w@%+=:,./\[\]-]*", value):
        return value
    escaped = re.sub(r'([\\"$`])', r"\\\1", value)
    return f'"{escaped}"'


def write(target: Path, plan: Plan, *, overwrite: bool) -> list[Path]:
    """Returns the files written.

    Raises:
        FileExistsError: with the names of those that are there already. Nothing was written then.
    """
    made = {target / name: text for name, text in texts(plan).items()}
    there = [path for path in made if path.exists()]
    if there and not overwrite:
        raise FileExistsError(", ".join(str(path) for path in there))
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.chmod(0o600 if path.name in {ENVIRONMENT, "userlist.txt"} else 0o644)
        path.write_text(text)
    return list(made)
