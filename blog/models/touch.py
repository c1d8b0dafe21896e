"""What has changed since somebody last looked, by name; and the short keys by which a CDN knows what a page shows."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2s

from django.db import models

ON = "on"
"""The kind of the one row that asks the triggers to write; its name is the instant up to which all is accounted for."""

# Keys that stand for themselves.
ALL = "all"
"""Every page."""
SITE = "s"
"""Which posts there are, and when each appeared: the front page, the levels, the archive."""
COUNTS = "m"
"""How many posts anything has: overviews."""
GALLERY = "g"
NAMES = "n"
"""Feeds, Markdown and pages of figures, which tell of categories, tags and authors without leading to them."""
LISTS = "x"
"""Anything at all: searches, sitemaps, and other lists of the whole site."""

# Kinds of keys that are followed by what they are about: a thing itself, by its slug (a category by its path) …
POST, CATEGORY, TAG, AUTHOR, FIGURE, SERIES, PATH = "p", "c", "t", "a", "f", "r", "h"
THINGS = (POST, CATEGORY, TAG, AUTHOR, FIGURE, SERIES, PATH)
# … which posts it has …
LISTED = {CATEGORY: "lc", TAG: "lt", AUTHOR: "la"}
UP = "u"
"""… and what lies above a level in a category."""


class Touch(models.Model):
    """Something that was touched in a transaction, by kind and name. Triggers append (migration 0037), a worker takes
    away. No writer waits for another."""

    kind = models.TextField()
    name = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def key_of(kind: str, name: str) -> str:
    """The key of a thing: its kind and eight letters or digits that follow from its name. The same in lower case, for
    Cloudflare's tags know no other, and of a length that does not grow with the name."""
    return kind + b32encode(blake2s(name.encode(), digest_size=5).digest()).decode().lower()
