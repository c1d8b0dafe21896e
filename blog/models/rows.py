"""Rows as PostgreSQL sent them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, overload

from psycopg import Connection
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult

Row = tuple[Any, ...]


class Rows(Sequence[Row]):
    """The rows of an answer. Each is read, that is made of Python's values, when somebody looks: where a page is shown
    again as it was nobody does, and comparing what PostgreSQL sent is enough."""

    def __init__(self, answer: PGresult, server: Connection[Any]) -> None:
        self.answer, self.server, self.places = answer, server, range(answer.ntuples)

    @cached_property
    def reader(self) -> Any:
        """What psycopg makes Python's values with, one loader for each column."""
        made = Transformer(self.server)
        made.set_pgresult(self.answer)
        return made

    @cached_property
    def given(self) -> tuple[bytes | None, ...]:
        """All that was sent, one row after the other, each as wide as `len(self.answer)`."""
        cell, columns = self.answer.get_value, range(self.answer.nfields)
        return tuple([cell(row, column) for row in self.places for column in columns])

    def cells(self, place: int, columns: Iterable[int]) -> tuple[bytes | None, ...]:
        """Some of the columns of a row, by number, as they were sent."""
        return tuple([self.answer.get_value(self.places[place], column) for column in columns])

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Rows: ...
    def __getitem__(self, place: int | slice) -> Row | Rows:
        if isinstance(place, int):
            return self.reader.load_row(self.places[place], tuple)
        part = Rows(self.answer, self.server)
        part.places = self.places[place]
        return part

    def __eq__(self, other: object) -> bool:
        return list(self) == (list(other) if isinstance(other, Rows) else other)

    __hash__ = None  # type: ignore[assignment] # as a list's
