"""What SQL of a migration does to tables in use, as far as its words tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

NAME = r'"?(\w+)"?'
ADD_COLUMN = re.compile(
    r"\bADD (?:COLUMN )?(?:IF NOT EXISTS )?"
    r"(?!CONSTRAINT\b|CHECK\b|UNIQUE\b|PRIMARY\b|FOREIGN\b|EXCLUDE\b)\"?(\w+)\"? (.+)",
    re.I,
)
VOLATILE = re.compile(r"\bDEFAULT [^,]*?\b(?!now\b|current_timestamp\b)\w+\(", re.I)


def rewrites(old: str, new: str) -> bool:
    """Whether changing a column from one type to another makes PostgreSQL rewrite or check the table.

    Only a text that may be longer, or of any length, is known not to.
    """
    if old == new:
        return False
    short, long = (re.fullmatch(r"varchar\((\d+)\)", each) for each in (old, new))
    if short and new in {"text", "varchar"}:
        return False
    return not (short and long and int(long[1]) >= int(short[1]))


def split(sql: Any) -> list[str]:
    """The statements of RunSQL's argument, in one line each, without comments and string literals' contents."""
    if isinstance(sql, list | tuple):
        return [one for each in sql for one in split(each[0] if isinstance(each, list | tuple) else each)]
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "$body$", sql, flags=re.S)
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"'(?:[^']|'')*'", "'…'", text)
    return [" ".join(one.split()) for one in text.split(";") if one.strip()]


def dangers(sql: Any, *, fresh: set[str], atomic: bool, in_use: Callable[..., bool]) -> Iterator[str]:
    """One sentence for each statement that must not be.

    Args:
        fresh: tables that the same migration makes; what is made here is added.
        in_use: whether the last release uses a table, or a column of it.
    """
    checked: set[str] = set()  # columns of which a validated check says that none is NULL
    for words in split(sql):
        for why in _judge(words, fresh, atomic, in_use, checked):
            yield f"RunSQL “{words[:90]}”: {why}"


def _judge(words: str, fresh: set[str], atomic: bool, in_use: Any, checked: set[str]) -> Iterator[str]:
    def has(pattern: str) -> re.Match[str] | None:
        return re.search(pattern, words, re.I)

    if made := has(rf"^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?{NAME}"):
        fresh.add(made[1])
        return
    if has(r"^DO\b"):
        yield "what a block of code does can't be seen. Write the statements themselves."
    if (index := has(rf"^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON (?:ONLY )?{NAME}")) and index[
        1
    ] not in fresh:
        yield "writers wait until the index is built. CREATE INDEX CONCURRENTLY, with atomic = False."
    if has(r"\b(INDEX|REINDEX.*) CONCURRENTLY\b") and atomic:
        yield "this can't run in a transaction. Set atomic = False."
    if has(r"^(VACUUM FULL|CLUSTER|TRUNCATE|LOCK\b|REINDEX (?!.*CONCURRENTLY))"):
        yield "nobody can use the table meanwhile. There is no safe way; do without."
    if (gone := has(rf"^DROP TABLE (?:IF EXISTS )?{NAME}")) and in_use(gone[1]):
        yield "the release before still uses the table. Stop using it in this release, drop it in a later one."
    changed = has(rf"^(?:UPDATE|DELETE FROM) (?:ONLY )?{NAME}")
    if changed and changed[1] not in fresh and (atomic or not has(r"\bLIMIT\b")):
        yield "rows are kept locked until all are changed. Change a batch at a time, by RunPython with atomic = False."
    table = has(rf"^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{NAME} (.*)")
    if table and table[1] not in fresh:
        yield from _alters(table[1], table[2], atomic, in_use, checked)


def _alters(table: str, rest: str, atomic: bool, in_use: Any, checked: set[str]) -> Iterator[str]:
    for clause in re.split(r",(?![^(]*\))", rest):
        clause = clause.strip()

        def has(pattern: str, clause: str = clause) -> re.Match[str] | None:
            return re.search(pattern, clause, re.I)

        if has(r"^RENAME\b") and not has(r"^RENAME CONSTRAINT"):
            yield "the release before uses the old name. Add the new beside it, and drop the old in a later release."
        if (gone := has(rf"^DROP (?:COLUMN )?(?:IF EXISTS )?(?!CONSTRAINT){NAME}")) and in_use(
            table, gone[1]
        ):
            yield "the release before still uses the column. Stop using it in this release, drop it in a later one."
        if has(r"\bTYPE\b"):
            yield "the table may be rewritten under lock. Add a column of the new type, fill it in batches."
        if has(r"^SET (LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)"):
            yield "the table is rewritten under lock. There is no safe way; do without."
        if check := has(rf"CHECK \({NAME} IS NOT NULL\) NOT VALID"):
            checked.add(check[1])
        if (column := has(rf"^ALTER (?:COLUMN )?{NAME} SET NOT NULL")) and (
            atomic or column[1] not in checked
        ):
            yield (
                "the whole table is read under lock. First ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID and "
                "VALIDATE it, in the same list with atomic = False; then this is quick."
            )
        if has(r"^ADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b") and not has(
            r"NOT VALID|USING INDEX"
        ):
            yield "rows are checked, or an index built, under lock. Add it NOT VALID, then VALIDATE; or USING INDEX."
        if has(r"^VALIDATE CONSTRAINT") and atomic:
            yield "in a transaction all locks are kept while the rows are read. Set atomic = False."
        if added := ADD_COLUMN.match(clause):
            yield from _added(added[2])


def _added(kind: str) -> Iterator[str]:
    default = re.search(r"\bDEFAULT\b", kind, re.I)
    if re.search(r"\bNOT NULL\b", kind, re.I) and not default:
        yield "NOT NULL without a default: the release before writes rows without the column."
    if re.search(r"\b(GENERATED|(BIG|SMALL)?SERIAL)\b", kind, re.I) or VOLATILE.search(kind):
        yield "each row gets a value of its own: the table is rewritten under lock. Add it empty, fill it in batches."
    if re.search(r"\b(UNIQUE|PRIMARY KEY|REFERENCES|CHECK)\b", kind, re.I):
        yield "rows are checked, or an index built, under lock. Add the column alone, then the rest, NOT VALID."
