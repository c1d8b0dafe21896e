"""What became of things that a post names and that somebody merges at the same moment.

Whoever saves a post takes its row first and then holds what it names; whoever merges takes the posts first and then the
things. So each waits for the other, and neither finds that what it has just read is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, models, transaction

from blog.models import Author, Category, Operation, Post, Series, Tag

from .contents import Content
from .tagging import folded

MERGED = "things.merged"
TRIES = 20  # to find all that is to be locked, while others save
FARTHEST = 20  # merges of merged things that are followed
# FOR KEY SHARE is what a foreign key asks for anyway: savers don't wait for each other.
HOLD = "SELECT id FROM {table} WHERE {column} = ANY(%s) ORDER BY id FOR KEY SHARE"
BY_KEY: tuple[tuple[str, type[models.Model]], ...] = (
    ("categories", Category),
    ("authors", Author),
    ("series", Series),
)


class Busy(Exception):
    """Others save posts all the time that name what is to be locked."""


def held(content: Content) -> Content:
    """The content with every category, author and series that is gone because it was merged replaced by what it became;
    none of them, and no tag, can go before the transaction ends. Four queries, and some for each that is gone."""
    content = dict(content)
    for name, model in BY_KEY:
        keys = [_key(one) for one in content[name]]
        gone = [key for key in keys if key not in _hold(model, "id", keys)] if keys else []
        into = {key: heir for key in gone if (heir := successor(model, key))}
        if into:
            _hold(model, "id", list(into.values()))
            content[name] = _replaced(content[name], into)
    if content["tags"]:
        _hold(Tag, "lower(name)", [folded(name).lower() for name in content["tags"]])
    return content


def locked(
    model: type[Any], rows: type[Any], thing: str, post: str, keys: list[int], into: int
) -> tuple[dict[int, Any], list[int]]:
    """The things with these keys and `into`, and the keys of the posts that are members of the former: all locked, the
    posts first. `rows` join posts and things by the columns `post` and `thing`. What is not found is gone.

    Raises:
        Busy: ever more posts become members meanwhile.
    """
    here = rows._default_manager.filter(**{f"{thing}__in": keys}).order_by().values(post)
    for _turn in range(TRIES):
        turn = transaction.savepoint()
        posts = Post.objects.filter(pk__in=here).select_for_update(of=("self",)).order_by("pk")
        ids = list(posts.values_list("pk", flat=True))
        things = model._default_manager.select_for_update(of=("self",)).order_by("pk").in_bulk([*keys, into])
        # Nobody can become a member any more; who has become one since the posts were read is taken in another turn.
        if not Post.objects.filter(pk__in=here).exclude(pk__in=ids).exists():
            transaction.savepoint_commit(turn)
            return things, ids
        transaction.savepoint_rollback(turn)
    raise Busy


def successor(model: type[models.Model], key: int) -> int | None:
    """The key of the thing that the one with this key was merged into, at last; None where it just went."""
    kind, seen = str(model._meta.model_name), key
    for _ in range(FARTHEST):
        merges = Operation.objects.filter(
            verb=MERGED, undone_at=None, inverse__kind=kind, inverse__former__contains=[{"row": {"id": seen}}]
        )
        into = merges.order_by("-made_at", "-pk").values_list("inverse__into", flat=True).first()
        if into is None:
            return None
        if model._default_manager.filter(pk=into).exists():
            return int(into)
        seen = into
    return None


def _hold(model: type[models.Model], column: str, values: Iterable[int | str]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(HOLD.format(table=f'"{model._meta.db_table}"', column=column), [list(values)])
        return {key for (key,) in cursor.fetchall()}


def _key(value: int | list[int]) -> int:
    """Parts of series are pairs of a series' key and a number."""
    return value[0] if isinstance(value, list) else value


def _replaced(values: list, into: dict[int, int]) -> list:
    """The same with the heirs in place, each once, in the order in which they stood."""
    moved = [
        [into.get(one[0], one[0]), *one[1:]] if isinstance(one, list) else into.get(one, one)
        for one in values
    ]
    first = {_key(one): one for one in reversed(moved)}
    return [one for n, one in enumerate(moved) if first[_key(one)] == one and one not in moved[:n]]
