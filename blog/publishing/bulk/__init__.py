"""One change to many posts, each through the verbs that a form would use, and one operation to take it all back.

outcome.py    what a change is called, what became of each post
filed.py      level, categories, tags, authors
shown.py      published, scheduled, withdrawn, thrown away
untouched.py  whether it can still be taken back
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from blog import markup
from blog.models import Post

from .. import sentences, undo, workflow
from . import filed, shown
from .outcome import (
    ADD_AUTHORS,
    ADD_CATEGORIES,
    ADD_TAGS,
    FILING,
    GONE,
    LEVEL,
    LIVING,
    PUBLISH,
    REMOVE_CATEGORIES,
    REMOVE_TAGS,
    SCHEDULE,
    SENTENCES,
    TRASH,
    VERB,
    WITHDRAW,
    Outcome,
    Refusal,
    counted,
    demand,
)  # fmt: skip

__all__ = [
    "ADD_AUTHORS", "ADD_CATEGORIES", "ADD_TAGS", "FILING", "GONE", "LEVEL", "LIVING", "MOST", "PUBLISH",
    "REMOVE_CATEGORIES", "REMOVE_TAGS", "SCHEDULE", "TRASH", "VERB", "WITHDRAW", "Outcome", "carry_out", "counted",
]  # fmt: skip

MOST = 500
"""Posts that one operation takes."""


@transaction.atomic
def carry_out(
    kind: str,
    keys: Iterable[int],
    value: Any = None,
    *,
    named: str = "",
    at: datetime,
    by: Any,
    allowed: Callable[[Post], bool] = lambda post: True,
) -> Outcome:
    """Changes the posts with these keys, at most `MOST`. A post that can't be changed is left out and told of; the
    others are changed all the same.

    Args:
        kind: one of FILING or LIVING.
        value: the key of a level, keys of categories or authors in their order, names of tags, or the instant of a
            schedule (aware).
        named: what `value` is called, for the sentence.
        allowed: whether the user may do that to a post.

    Raises:
        ValueError: the kind is unknown, or there are too many posts.
    """
    chosen = sorted(set(keys))
    if kind not in (*FILING, *LIVING) or len(chosen) > MOST:
        raise ValueError(f"{kind} of {len(chosen)} posts")
    outcome, records, plain, value = Outcome(), [], [], filed.meant(kind, value)
    if kind in FILING:
        records += filed.file_plain(kind, chosen, value, outcome, at=at, by=by, allowed=allowed)
        plain = [one.pk for one in (*outcome.done, *outcome.same, *(post for post, _ in outcome.failed))]
    posts = Post.objects.select_for_update(of=("self",)).prefetch_related("draft").filter(pk__in=chosen)
    for post in posts.exclude(pk__in=plain).order_by("pk"):
        try:
            with transaction.atomic():
                demand(post, allowed)
                record = (
                    filed.file(post, kind, value, at, by)
                    if kind in FILING
                    else shown.show(post, kind, value, at, by)
                )
        except Refusal as refusal:
            outcome.failed.append((post, str(refusal)))
        except workflow.NotReady as refusal:
            outcome.failed.append((post, str(refusal)))
            outcome.lacking[post.pk] = refusal.findings
        except markup.RenderRefused as refusal:
            outcome.failed.append((post, sentences.of(refusal)))
        except ValidationError as refusal:
            outcome.failed.append((post, " ".join(refusal.messages)))
        except IntegrityError:
            outcome.failed.append((post, str(GONE)))
        else:
            (outcome.done if record else outcome.same).append(post)
            records += [record] if record else []
    for told in (outcome.done, outcome.same):
        told.sort(key=lambda post: post.pk)
    outcome.failed.sort(key=lambda one: one[0].pk)
    if records:
        sentence = SENTENCES[kind].format(counted(len(records)), named)
        outcome.operation = undo.remember(VERB.format(kind), sentence, {"posts": records}, at=at, by=by)
    return outcome
