"""What a rule is, what it judges, and what it says. The rules themselves stand in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from blog.models import Category, Post

from .. import sentences
from .page import Page, read
from .severity import ADVISE, BLOCK, OFF, chosen

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from .known import Known

# What is said when it is shown, in the language of who looks.
Words: TypeAlias = "str | _StrPromise"

SUMMARY_LENGTH = range(60, 601)  # characters: shorter says little in a listing, longer is cut there
SMALLEST_WIDTH = 600  # pixels: the text column on a common screen


@dataclass(frozen=True)
class Candidate:
    """What the rules look at, so that they judge a form that is not saved and a row alike. `html` is the rendered text
    as it is stored, with the places of its figures empty."""

    title: str
    slug: str
    summary: str
    body: str
    learning_level: Any
    categories: list[Category]
    authors: int
    facts: dict[str, Any] = field(default_factory=dict)
    pk: int | None = None
    language: str = ""
    html: str = ""

    @classmethod
    def of(
        cls, post: Post, *, categories: Iterable[Category] | None = None, authors: int | None = None
    ) -> Candidate:
        """From a rendered post; relations come from the database where they are not given."""
        return cls(
            title=post.title,
            slug=post.slug,
            summary=post.summary,
            body=post.body,
            learning_level=post.learning_level_id,
            categories=list(post.categories.all() if categories is None else categories),
            authors=post.bylines.count() if authors is None else authors,
            facts=post.facts,
            pk=post.pk,
            language=post.language,
            html=post.body_html,
        )

    @cached_property
    def page(self) -> Page:
        """What the rendered text is made of."""
        return read(self.html)

    @cached_property
    def placed(self) -> list[str]:
        """The keys of the figures that the text places, but for the diagrams that are written in it."""
        drawn = {one["key"] for one in self.facts.get("diagrams", [])}
        return [key for key in self.facts.get("figures", []) if key not in drawn]

    def line_of(self, words: str) -> int | None:
        """The first line of the text with these words, counted from 1."""
        at = self.body.find(words) if words else -1
        return self.body.count("\n", 0, at) + 1 if at >= 0 else None


@dataclass(frozen=True)
class Finding:
    """What is wrong and how it is mended, in sentences, with the place: the field of the form, where it is known the
    line of the text (from 1), and the key of the figure that it is about."""

    code: str
    field: str
    message: str
    line: int | None = None
    figure: str | None = None

    @property
    def severity(self) -> str:
        """`block` or `advise`. A code that no rule knows, such as a newer dialect's, blocks."""
        return severity_of(self.code)

    @property
    def blocking(self) -> bool:
        """Whether it keeps the post from being published."""
        return self.severity == BLOCK


@dataclass(frozen=True)
class Say:
    """What a rule has found. Without a `field`, it is the rule's own."""

    message: str
    line: int | None = None
    figure: str | None = None
    field: str = ""


Judge = Callable[[Candidate, "Known"], Iterator[Say]]


@dataclass(frozen=True)
class Rule:
    """One thing that is asked of a post. `why` is the reason in a sentence; `severity` is what it weighs where the
    operator says nothing; `locked` rules weigh that always, since PostgreSQL refuses what they do."""

    code: str
    field: str
    title: Words
    why: Words
    severity: str
    locked: bool
    judge: Judge


RULES: dict[str, Rule] = {}


def rule(
    code: str, *, field: str, title: Words, why: Words, severity: str = ADVISE, locked: bool = False
) -> Callable[[Judge], Judge]:
    """Puts a function into the list of rules; it yields a `Say` for each thing it finds."""

    def enter(judge: Judge) -> Judge:
        assert code not in RULES, code
        RULES[code] = Rule(code, field, title, why, severity, locked, judge)
        return judge

    return enter


def severity_of(code: str) -> str:
    """`block`, `advise` or `off`, by the setting PUBLISH_CHECKS or the rule's own word."""
    known = RULES.get(code)
    return chosen(RULES).get(code) or (known.severity if known else BLOCK)


def judge(candidate: Candidate, known: Known) -> list[Finding]:
    """All findings by all rules that are not off; blocking ones first, then in the order of the list."""
    found = [
        Finding(one.code, say.field or one.field, say.message, say.line, say.figure)
        for one in RULES.values()
        if severity_of(one.code) != OFF
        for say in one.judge(candidate, known)
    ]
    found += _of_newer_dialects(candidate)
    return sorted(found, key=lambda finding: not finding.blocking)


def _of_newer_dialects(candidate: Candidate) -> list[Finding]:
    """What the renderer has noted and no rule knows of: better said in its own words than lost."""
    noted = candidate.facts.get("problems", [])
    return [
        Finding(one["code"], "body", sentences.of_problem(one), one.get("line"))
        for one in noted
        if one["code"] not in RULES
    ]
