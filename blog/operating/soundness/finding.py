from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
    """What a check has found out about the thing it is named for. `words` say what is, `mend` what to do; the latter is
    empty where nothing need be done. `fixed` says that the check has mended it."""

    name: str
    state: State
    words: str
    mend: str = ""
    fixed: bool = False


def ok(name: str, words: str) -> Finding:
    return Finding(name, State.OK, words)


def warning(name: str, words: str, mend: str) -> Finding:
    return Finding(name, State.WARNING, words, mend)


def failure(name: str, words: str, mend: str) -> Finding:
    return Finding(name, State.FAILURE, words, mend)


def mended(name: str, words: str) -> Finding:
    return Finding(name, State.WARNING, words, fixed=True)
