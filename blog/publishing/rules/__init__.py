"""The publish rules: one list, for the form, the bulk actions, the importers and the commands.

Each rule is a small function with a code, a title, a reason and a weight (`base.RULES`); the modules beside it hold
them by what they look at. What the database knows is read once for many posts (`known`). Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from .base import RULES, SMALLEST_WIDTH, SUMMARY_LENGTH, Candidate, Finding, Rule, judge, severity_of
from .known import Known
from .severity import ADVISE, BLOCK, OFF, BadChecks, chosen

# isort: split
# In the order in which findings are told.
# isort: off
from . import filing, text, figures, links, access  # noqa: F401
# isort: on

# What an editor should know and may overrule, where the operator says nothing else.
ADVISORY = frozenset(one.code for one in RULES.values() if one.severity == ADVISE)
BATCH = 200  # posts whose surroundings are read at once


def check(candidate: Candidate, *, at: datetime | None = None) -> list[Finding]:
    """All findings, blocking ones first; an empty list means that nothing stands in the way. Advice about what readers
    don't see yet needs the instant `at` to know of schedules."""
    return judge(candidate, Known.of([candidate], at=at))


def check_many(
    candidates: Iterable[Candidate], *, at: datetime | None = None
) -> Iterator[tuple[Candidate, list[Finding]]]:
    """The same of many, in a number of queries that depends on how many batches they fill."""
    waiting = iter(candidates)
    while batch := list(islice(waiting, BATCH)):
        known = Known.of(batch, at=at)
        for candidate in batch:
            yield candidate, judge(candidate, known)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.blocking]


def validate() -> None:
    """Raises BadChecks, with a sentence for the operator, when the setting PUBLISH_CHECKS can't be followed."""
    chosen(RULES)


__all__ = [
    "ADVISE",
    "ADVISORY",
    "BATCH",
    "BLOCK",
    "OFF",
    "RULES",
    "SMALLEST_WIDTH",
    "SUMMARY_LENGTH",
    "BadChecks",
    "Candidate",
    "Finding",
    "Known",
    "Rule",
    "blocking",
    "check",
    "check_many",
    "judge",
    "severity_of",
    "validate",
]
