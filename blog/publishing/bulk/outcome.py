"""What a change to many posts is called, and what became of each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.models import Operation, Post

from .. import rules

LEVEL, PUBLISH, SCHEDULE, WITHDRAW, TRASH = "level", "publish", "schedule", "withdraw", "trash"
ADD_CATEGORIES, REMOVE_CATEGORIES = "add_categories", "remove_categories"
ADD_TAGS, REMOVE_TAGS, ADD_AUTHORS = "add_tags", "remove_tags", "add_authors"
FILING = (LEVEL, ADD_CATEGORIES, REMOVE_CATEGORIES, ADD_TAGS, REMOVE_TAGS, ADD_AUTHORS)
LIVING = (PUBLISH, SCHEDULE, WITHDRAW, TRASH)
VERB = "posts.{}"  # of the operation that can be undone

SENTENCES = {
    LEVEL: gettext_lazy("{0} set to {1}."),
    ADD_CATEGORIES: gettext_lazy("{0} filed under {1}."),
    REMOVE_CATEGORIES: gettext_lazy("{0} taken out of {1}."),
    ADD_TAGS: gettext_lazy("{0} tagged {1}."),
    REMOVE_TAGS: gettext_lazy("{0} no longer tagged {1}."),
    ADD_AUTHORS: gettext_lazy("{1} named as author of {0}."),
    PUBLISH: gettext_lazy("{0} published."),
    SCHEDULE: gettext_lazy("{0} scheduled for {1}."),
    WITHDRAW: gettext_lazy("{0} withdrawn."),
    TRASH: gettext_lazy("{0} moved to the trash."),
}
GONE = gettext_lazy("Something that it was to be given is gone meanwhile.")


class Refusal(Exception):
    """This post stays as it is; `str()` says why."""


@dataclass
class Outcome:
    """What became of each post: `done`, `same` (it was so already) or `failed`, with a sentence; `lacking` has, by key,
    what the publish rules say of those that failed for it."""

    done: list[Post] = field(default_factory=list)
    same: list[Post] = field(default_factory=list)
    failed: list[tuple[Post, str]] = field(default_factory=list)
    lacking: dict[int, list[rules.Finding]] = field(default_factory=dict)
    operation: Operation | None = None


def demand(post: Post, allowed: Callable[[Post], bool]) -> None:
    """Raises Refusal for a post that is in the trash, or that the user may not do that to."""
    if not allowed(post):
        raise Refusal(_("Your account may not do this with it."))
    if post.trashed_at:
        raise Refusal(_("It is in the trash."))


def counted(posts: int) -> str:
    return ngettext("{number} post", "{number} posts", posts).format(
        number=number_format(posts, force_grouping=True)
    )
