"""What editors call rows and their columns, in their language.

Django makes these names of the classes' and attributes' own, in English. Naming each at its place would be a migration
for every name ever touched; so the names that Django made are looked up here, and those given at their place stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

# By the model's name: one, and many.
ROWS: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "figure": (_("figure"), _("figures")),
    "rendition": (_("rendition"), _("renditions")),
    "placement": (_("placement"), _("placements")),
    "address": (_("address"), _("addresses")),
    "author": (_("author"), _("authors")),
    "byline": (_("byline"), _("bylines")),
    "category": (_("category"), _("categories")),
    "change": (_("change"), _("changes")),
    "learninglevel": (_("learning level"), _("learning levels")),
    "tag": (_("tag"), _("tags")),
    "posttag": (_("post tag"), _("post tags")),
    "post": (_("post"), _("posts")),
    "event": (_("event"), _("audit log")),
    "figureversion": (_("figure version"), _("figure versions")),
    "learningpath": (_("learning path"), _("learning paths")),
    "pathstep": (_("path step"), _("path steps")),
    "operation": (_("operation"), _("recent operations")),
    "relatedpost": (_("related post"), _("related posts")),
    "series": (_("series"), pgettext_lazy("many", "series")),
    "seriespart": (_("series part"), _("series parts")),
    "preference": (_("preference"), _("preferences")),
    "workingcopy": (_("working copy"), _("working copies")),
    "previewlink": (_("preview link"), _("preview links")),
    "comment": (_("comment"), _("comments")),
    "approval": (_("approval"), _("approvals")),
    "revision": (_("revision"), _("revisions")),
}

# By the attribute's name.
COLUMNS: dict[str, _StrPromise] = {
    "at": _("at"),
    "author": _("author"),
    "authors": _("authors"),
    "bio": _("bio"),
    "body": _("body"),
    "canonical_url": _("canonical URL"),
    "caption": _("caption"),
    "categories": _("categories"),
    "category": _("category"),
    "created_at": _("created at"),
    "credit": _("credit"),
    "curated": _("chosen by an editor"),
    "decorative": _("decorative"),
    "description": _("description"),
    "details": _("details"),
    "editors_note": _("editor’s note"),
    "editors_note_at": _("date of the note"),
    "expires_at": _("expires at"),
    "figure": _("figure"),
    "introduction": _("introduction"),
    "inverse": _("the way back"),
    "kind": _("kind"),
    "language": _("language"),
    "lead_figure": _("lead figure"),
    "learning_level": _("learning level"),
    "learning_path": _("learning path"),
    "level": _("level"),
    "licence": _("licence"),
    "links": _("links"),
    "long_description": _("long description"),
    "made_at": _("made at"),
    "name": _("name"),
    "note": _("note"),
    "number": _("number"),
    "original_name": _("original name"),
    "other": _("other post"),
    "path": _("path"),
    "portrait": _("portrait"),
    "position": _("position"),
    "post": _("post"),
    "posts": _("posts"),
    "published_at": _("published at"),
    "role": _("role"),
    "sentence": _("sentence"),
    "series": _("series"),
    "slug": _("slug"),
    "status": _("status"),
    "summary": _("summary"),
    "tag": _("tag"),
    "tags": _("tags"),
    "text": _("text"),
    "thing": _("thing"),
    "time_zone": _("time zone"),
    "title": _("title"),
    "translation_of": _("translation of"),
    "undone_at": _("undone at"),
    "undone_by": _("undone by"),
    "user": _("user"),
    "verb": _("verb"),
    "who": _("who"),
    "who_name": _("who name"),
}


def name(known: Iterable[type[models.Model]]) -> None:
    """Gives the models and their fields the names that are known here. Migrations don't see it: they are written from
    what stands at the field."""
    for model in known:
        opts = model._meta
        if words := ROWS.get(str(opts.model_name)):
            opts.verbose_name, opts.verbose_name_plural = words
        for field in (*opts.local_fields, *opts.local_many_to_many):
            if field.name in COLUMNS and getattr(field, "_verbose_name", None) is None:
                field.verbose_name = COLUMNS[field.name]
