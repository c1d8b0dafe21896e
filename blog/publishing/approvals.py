"""Whether a post's words have been approved by as many as its categories ask for.

An approval is of words. Whoever changes them, whatever they change, needs approval anew; only dates may still be
chosen, since publishing chooses one. Nobody approves what is their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, Func, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Approval, Author, Category, Post

from . import audit, contents
from .contents import Content

MOST = 200  # verdicts on one post that are looked at, the newest
# What a publisher decides, and what is computed.
UNJUDGED = frozenset({*contents.INSTANTS, "figures"})


def digest(content: Content) -> str:
    """What an approval is of, as SHA-256 in hex."""
    judged = {name: content[name] for name in contents.LABELS if name not in UNJUDGED}
    return hashlib.sha256(json.dumps(judged, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def needed(categories: Collection[int]) -> int:
    """How many approvals posts in these categories need: the highest number of any, or of any above them."""
    if not categories:
        return 0
    below = Category.objects.filter(pk__in=categories, path__startswith=Concat(OuterRef("path"), Value("/")))
    asking = Category.objects.filter(Q(pk__in=categories) | Q(Exists(below)))
    return asking.aggregate(n=Max("approvals"))["n"] or 0


def needed_by_each(categories: Collection[int]) -> dict[int, int]:
    """How many each of these categories asks for, with those above it. One query."""
    found = Category.objects.filter(pk__in=categories).order_by()
    return dict(found.annotate(asked=asked()).values_list("pk", "asked"))


def asked() -> Subquery:
    """How many approvals a category asks for, with those above it: for a query of categories."""
    path, yes = OuterRef("path"), BooleanField()
    below: Any = Func(path, Concat("path", Value("/")), function="starts_with", output_field=yes)
    above = Category.objects.filter(Q(path=path) | Q(below))
    return Subquery(above.order_by("-approvals").values("approvals")[:1])


def given(post: Post) -> list[Approval]:
    """The verdicts on the post in any wording, the newest first."""
    return list(Approval.objects.filter(post=post).select_related("reviewer")[:MOST])


def standing(
    post: Post, content: Content, verdicts: list[Approval], named: Collection[int] | None = None
) -> list[Approval]:
    """Of all verdicts those on these words, the last one of each reviewer, the oldest first; those that are no longer
    anybody's, or of whom the post is, count for nothing. `named` are the accounts of its authors; where they are not
    known and there are verdicts, they cost a query."""
    words = digest(content)
    here = [one for one in reversed(verdicts) if one.digest == words and one.reviewer_id]
    if not here:
        return []
    if named is None:
        authors = Author.objects.filter(pk__in=content["authors"], user__isnull=False)
        named = list(authors.order_by().values_list("user", flat=True))
    own = {post.created_by_id, *named}
    last = {one.reviewer_id: one for one in here}
    return [one for one in last.values() if one.reviewer_id not in own or one.verdict == "waived"]


def missing(post: Post, content: Content | None = None) -> list[str]:
    """What is lacking before the post's newest words, or those given, may be published; each a sentence."""
    content = contents.head(post) if content is None else content
    number = needed(content["categories"])
    return lacking(number, standing(post, content, given(post))) if number else []


def lacking(number: int, verdicts: list[Approval]) -> list[str]:
    """As `missing`, of verdicts that are read already, where `number` are needed."""
    kinds = Approval.Verdict
    if not number or any(one.verdict == kinds.WAIVED for one in verdicts):
        return []
    said = [
        _("{reviewer} asks for changes: {sentence}").format(reviewer=one.reviewer, sentence=one.sentence)
        for one in verdicts
        if one.verdict == kinds.CHANGES
    ]
    approved = sum(one.verdict == kinds.APPROVED for one in verdicts)
    if approved < number:
        asked = ngettext(
            "One more approval is needed: its categories ask for {needed}, and these words have {approved}.",
            "{more} more approvals are needed: its categories ask for {needed}, and these words have {approved}.",
            number - approved,
        )
        said.append(asked.format(more=number - approved, needed=number, approved=approved))
    return said


def must_wait(post: Post, content: Content, *, by: Any) -> bool:
    """Whether words that are saved over a published post may not reach its readers yet."""
    if by is not None and by.is_superuser:
        return False
    return bool(missing(post, content)) and digest(content) != digest(contents.read(post))


def waive(post: Post, *, by: Any, at: datetime) -> None:
    """Records that an administrator publishes without the approvals that are lacking."""
    content = contents.head(post)
    Approval.objects.create(
        post=post, version=post.version, digest=digest(content), reviewer=by,
        verdict=Approval.Verdict.WAIVED, made_at=at,
    )  # fmt: skip
    audit.record("post.approval_waived", post, by=by, at=at, version=post.version)
