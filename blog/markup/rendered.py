"""What a rendering is: the result, its parts, and the refusal. Plain values that cross a process border as
JSON.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .sentences import Values, say

VERSION = 2
"""Raised whenever the same source may give other HTML, so that stored renderings can be found and renewed."""

MAX_CHARACTERS = 200_000
"""Longest source accepted, in code points: about 30,000 words, several times the longest post seen."""


class RenderRefused(Exception):
    """The source cannot be rendered. `str()` is a sentence for the editor: what, where and how to mend it.

    `sentence` is its name in `sentences.SENTENCES`, `values` what is filled in.
    """

    def __init__(self, sentence: str, /, **values: str | int | float) -> None:
        super().__init__(sentence)
        self.sentence, self.values = sentence, values

    def __str__(self) -> str:
        return say(self.sentence, self.values)


@dataclass(frozen=True)
class Heading:
    """One line of the outline. `level` is 2 to 4, `id` starts with `s-`, `title` is plain text."""

    level: int
    id: str
    title: str


@dataclass(frozen=True)
class Problem:
    """Something the editor should mend. `code` is a stable word, `line` counts from 1, None where it is
    not known. `message` is the sentence of this name in English, with the values filled in.
    """

    code: str
    message: str
    line: int | None = None
    sentence: str = ""
    values: Values = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Diagram:
    """A figure that is written as text: its key, the language and the text that it is drawn from, its caption (may be
    empty), its alternative text, and the line of its fence, None where it is not known."""

    key: str
    notation: str
    source: str
    title: str
    alt: str
    line: int | None = None


@dataclass(frozen=True)
class Rendered:
    """A rendered body.

    `html` has passed the gate and still holds placeholders (see `placeholders.fill`). `text` is the prose with one
    block per line, `code` the text of all code blocks. `figures` are the keys placed, in document order, so that a
    figure's number is its index + 1; `references`, `links` and `crossings` are in document order, each once.
    `crossings` are the posts referred to, as (slug, key of one of its figures or ""). `minutes` is the reading time
    (see `plain.reading_minutes`). `diagrams` are those of the figures that are written as text; `code` has their
    sources too, so that a search finds the words in them.
    """

    html: str
    text: str
    code: str
    outline: tuple[Heading, ...]
    figures: tuple[str, ...]
    references: tuple[str, ...]
    links: tuple[str, ...]
    crossings: tuple[tuple[str, str], ...]
    words: int
    minutes: int
    diagrams: tuple[Diagram, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """This rendering as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rendered:
        """The rendering that `to_json` wrote; KeyError or TypeError when it is not one."""
        return cls(
            html=data["html"],
            text=data["text"],
            code=data["code"],
            outline=tuple(Heading(**heading) for heading in data["outline"]),
            figures=tuple(data["figures"]),
            references=tuple(data["references"]),
            links=tuple(data["links"]),
            crossings=tuple((slug, key) for slug, key in data["crossings"]),
            words=data["words"],
            minutes=data["minutes"],
            diagrams=tuple(Diagram(**diagram) for diagram in data["diagrams"]),
            problems=tuple(Problem(**problem) for problem in data["problems"]),
        )
