"""What is noted while one source is rendered: the problems found, and where in the source things stand."""

from __future__ import annotations

import re

from .rendered import Problem
from .sentences import say
from .words import ENGLISH, Words

MAX_PROBLEMS = 200
"""A pasted page can have thousands; nobody mends more than these before looking again."""

FENCE = re.compile(r"^[> \t]*(`{3,}|~{3,})")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")


class Ledger:
    """Problems and places of one rendering, and the words that it adds. Lines count from 1."""

    def __init__(self, source: str, words: Words = ENGLISH) -> None:
        self.words = words
        self.lines = source.split("\n")
        self.problems: list[Problem] = []
        self._prose: list[str] | None = None
        self._cursor: dict[str, int] = {}

    def note(self, sentence: str, at: int | None = None, /, **values: str | int | float) -> None:
        """Remember a problem in line `at`; the same words about the same line are kept once."""
        problem = Problem(sentence.partition(".")[0], say(sentence, values), at, sentence, values)
        if len(self.problems) < MAX_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)

    @property
    def prose(self) -> list[str]:
        """The lines with fenced code and code spans blanked, so that examples are not taken for the real
        thing.
        """
        if self._prose is None:
            self._prose, fence = [], ""
            for line in self.lines:
                found = FENCE.match(line)
                if fence:
                    if found and found[1].startswith(fence) and line.strip("> \t") == found[1]:
                        fence = ""
                    self._prose.append("")
                elif found:
                    fence = found[1]
                    self._prose.append("")
                else:
                    self._prose.append(CODE_SPAN.sub("", line) if "`" in line else line)
        return self._prose

    def line_of(self, needle: str, whole: re.Pattern[str] | None = None) -> int | None:
        """The line of the next occurrence of `needle` in prose, on a line that is `whole` where that is given.

        Asking again finds the one after.

        When the occurrences run out the last one is given again: better a line near the trouble than none.
        """
        start = self._cursor.get(needle, 0)
        for number in range(start, len(self.prose)):
            if needle in self.prose[number] and (whole is None or whole.fullmatch(self.prose[number])):
                self._cursor[needle] = number + 1
                return number + 1
        return start or None

    def done(self) -> tuple[Problem, ...]:
        """All problems, by line; those without a line last."""
        return tuple(sorted(self.problems, key=lambda problem: (problem.line is None, problem.line or 0)))
