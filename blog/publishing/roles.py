"""The four roles, as groups: what each may do. `manage.py roles` installs them; whoever needs something else makes a
group of another name, which is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q


def _all(*models: str, app: str = "blog") -> set[str]:
    return {f"{app}.{verb}_{model}" for model in models for verb in ("add", "change", "delete", "view")}


def _look(*models: str) -> set[str]:
    return {f"blog.view_{model}" for model in models}


LIBRARY = (
    "category",
    "tag",
    "series",
    "learningpath",
    "pathstep",
    "author",
    "figure",
    "placement",
    "rendition",
)
# What is edited as rows of a post's form.
ROWS = ("byline", "seriespart", "relatedpost")

AUTHOR = (
    {"blog.add_post", "blog.change_post", "blog.delete_post", "blog.add_figure"}
    | _all(*ROWS)
    | _look("learninglevel", *LIBRARY)
)
EDITOR = (
    AUTHOR
    | _all("change", *LIBRARY)
    | {"blog.view_post", "blog.edit_any_post", "blog.review_post", "blog.view_address"}
)
PUBLISHER = EDITOR | _all("learninglevel") | {"blog.publish_post"}
OPERATOR = _all("user", "group", app="auth") | {
    "blog.view_address",
    "blog.change_address",
    "blog.delete_address",
    "blog.view_event",
}

ROLES: dict[str, frozenset[str]] = {
    "author": frozenset(AUTHOR),
    "editor": frozenset(EDITOR),
    "publisher": frozenset(PUBLISHER),
    "operator": frozenset(OPERATOR),
}
"""Permissions by role, as `app.codename`. An author's reach as far as the author's own unpublished posts; see
`admin.access`."""


@dataclass(frozen=True)
class Difference:
    """What a group lacks of its role, and what it has beyond it; `missing` is a group that is not there."""

    role: str
    missing: bool
    lacks: list[str]
    beyond: list[str]


def differences() -> list[Difference]:
    """Of the groups from the roles; none when all is as it should be."""
    return [one for role in ROLES if (one := _difference(role)) is not None]


@transaction.atomic
def install() -> list[Difference]:
    """Makes the groups what the roles say; returns what had to be done. Who is in them stays."""
    found = differences()
    for one in found:
        group, _ = Group.objects.get_or_create(name=one.role)
        group.permissions.set(_permissions(ROLES[one.role]).values())
    return found


def _difference(role: str) -> Difference | None:
    group = Group.objects.filter(name=role).first()
    had = _names(group) if group else set()
    wanted = set(_permissions(ROLES[role]))
    if group and had == wanted:
        return None
    return Difference(role, group is None, sorted(wanted - had), sorted(had - wanted))


def _names(group: Group) -> set[str]:
    rows = group.permissions.order_by().values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def _permissions(names: frozenset[str]) -> dict[str, Permission]:
    """By name. Raises LookupError for one that the database does not know: `migrate` makes them."""
    wanted = Q()
    for app in {name.partition(".")[0] for name in names}:
        codenames = [name.partition(".")[2] for name in names if name.startswith(f"{app}.")]
        wanted |= Q(content_type__app_label=app, codename__in=codenames)
    rows = Permission.objects.filter(wanted).select_related("content_type")
    known = {f"{one.content_type.app_label}.{one.codename}": one for one in rows}
    if unknown := sorted(names - known.keys()):
        raise LookupError(f"The database knows no permission {unknown[0]}; run `manage.py migrate` first.")
    return known
