"""Two people have changed one post: what both mean, field by field and paragraph by paragraph. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from .contents import LABELS, Content

PROSE = ("body", "summary", "editors_note")
SETS = ("categories", "tags")
ORDERED = ("authors", "series", "related")
# Blank lines part paragraphs, but not within a fence of code.
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
MINE, THEIRS, BOTH = "mine", "theirs", "both"


@dataclass(frozen=True)
class Clash:
    """One place that both have changed, each in their own way. Values are as in Content, for prose the paragraphs of
    that place as one text."""

    field: str
    base: Any
    theirs: Any
    mine: Any

    @property
    def key(self) -> str:
        """Names it in `choices`, by what both say: whoever decided between two texts has decided nothing about a third,
        which somebody may have saved while they were reading."""
        told = json.dumps([self.theirs, self.mine])
        return f"{self.field}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    @property
    def label(self) -> str:
        return str(LABELS[self.field])

    @property
    def may_keep_both(self) -> bool:
        return self.field in PROSE or self.field in ORDERED

    def decided(self, choice: str) -> Any:
        """What the place says after that choice."""
        if choice == BOTH and self.field in PROSE:
            return _joined(_both(paragraphs(self.theirs), paragraphs(self.mine)))
        if choice == BOTH and self.field in ORDERED:
            return _both(self.theirs, self.mine)
        return self.theirs if choice == THEIRS else self.mine


@dataclass
class Merge:
    """`taken` are the fields in which the others' changes were taken over without asking, `clashes` the places that
    somebody must decide; until then `content` has mine there."""

    content: Content
    taken: list[str] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)


def merge(base: Content, theirs: Content, mine: Content, choices: Mapping[str, str] | None = None) -> Merge:
    """What `theirs` and `mine` have made of `base`. A field or paragraph that one of them left alone is as the other
    has it; what both changed alike is changed; the rest clashes, unless `choices` decides it by the key of the clash:
    `mine`, `theirs` or, where order allows, `both`."""
    choices = {key: value for key, value in (choices or {}).items() if value in {MINE, THEIRS, BOTH}}
    done = Merge(dict(mine))
    for name in LABELS:
        before, yours, own = base[name], theirs[name], mine[name]
        if yours in (before, own):
            continue
        if own == before:
            done.content[name] = yours
        elif name in SETS:
            done.content[name] = sorted((set(own) | (set(yours) - set(before))) - (set(before) - set(yours)))
        elif name in PROSE or name in ORDERED:
            done.content[name] = _weave(name, before, yours, own, choices, done.clashes)
        else:
            clash = Clash(name, before, yours, own)
            if clash.key in choices:
                done.content[name] = clash.decided(choices[clash.key])
            else:
                done.clashes.append(clash)
        if done.content[name] != own:
            done.taken.append(name)
    done.content["figures"] = theirs.get("figures", {}) | mine.get("figures", {})
    return done


def _weave(
    name: str, base: Any, theirs: Any, mine: Any, choices: Mapping[str, str], clashes: list[Clash]
) -> Any:
    """Prose or an ordered list, with all that only one of the two has changed; clashes are added to `clashes`."""
    prose = name in PROSE
    pieces = [
        paragraphs(one) if prose else [tuple(i) if isinstance(i, list) else i for i in one]
        for one in (base, theirs, mine)
    ]
    woven: list[Any] = []
    for before, yours, own in _hunks(*pieces):
        if yours in (before, own):
            woven += own
        elif own == before:
            woven += yours
        else:
            told = [_joined(one) if prose else list(one) for one in (before, yours, own)]
            clash = Clash(name, *told)
            choice = choices.get(clash.key)
            if choice is None and clash not in clashes:  # the same twice is decided once
                clashes.append(clash)
            decided = clash.decided(choice or MINE)
            woven += paragraphs(decided) if prose else decided
    if prose:
        return _joined(woven) + "\n" * mine.endswith("\n")
    return [list(one) if isinstance(one, tuple) else one for one in woven]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a Markdown text; a fence of code is one, whatever blank lines it has."""
    found: list[list[str]] = [[]]
    fence = ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if fence:
            closing = (
                mark
                and mark[1][0] == fence[0]
                and len(mark[1]) >= len(fence)
                and not line.strip().strip(fence[0])
            )
            fence = "" if closing else fence
        elif mark:
            fence = mark[1]
        elif not line.strip():
            found.append([])
            continue
        found[-1].append(line)
    return ["\n".join(lines) for lines in found if lines]


def _both(theirs: Sequence[Any], mine: Sequence[Any]) -> list[Any]:
    return [*theirs, *(one for one in mine if one not in theirs)]


def _joined(pieces: Sequence[str]) -> str:
    return "\n\n".join(pieces)


Pieces = list[Any]


def _hunks(base: Pieces, theirs: Pieces, mine: Pieces) -> Iterator[tuple[Pieces, Pieces, Pieces]]:
    """Cuts three sequences wherever a piece has its counterpart in all of them (the diff3 algorithm; Khanna, Kunal,
    Pierce: A Formal Investigation of Diff3, 2007; but a piece that was rewritten in its place counts as a counterpart
    too, so that neighbours which two people have rewritten do not become one clash)."""
    in_theirs, in_mine = _counterparts(base, theirs), _counterparts(base, mine)
    at = at_theirs = at_mine = 0
    for n in range(len(base)):
        if n in in_theirs and n in in_mine:
            if (n, in_theirs[n], in_mine[n]) != (at, at_theirs, at_mine):
                yield base[at:n], theirs[at_theirs : in_theirs[n]], mine[at_mine : in_mine[n]]
            yield [base[n]], [theirs[in_theirs[n]]], [mine[in_mine[n]]]
            at, at_theirs, at_mine = n + 1, in_theirs[n] + 1, in_mine[n] + 1
    if (at, at_theirs, at_mine) != (len(base), len(theirs), len(mine)):
        yield base[at:], theirs[at_theirs:], mine[at_mine:]


def _counterparts(base: Pieces, other: Pieces) -> dict[int, int]:
    """Where each piece of `base` stands in `other`, as it was or rewritten."""
    found: dict[int, int] = {}
    for kind, start, end, there, there_end in SequenceMatcher(
        None, base, other, autojunk=False
    ).get_opcodes():
        if kind == "equal" or (kind == "replace" and end - start == there_end - there):
            found |= dict(zip(range(start, end), range(there, there_end), strict=True))
    return found
