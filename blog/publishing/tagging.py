"""What a typed keyword is called: one tag has one name, however it was written, and a merged one stays merged."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify

from blog.models import Address, Tag
from blog.models.address import as_typed


def folded(name: str) -> str:
    """The name as it is kept: blanks single, letters and digits in their ordinary width and composition (NFKC, Unicode
    Standard Annex 15)."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def resolved(names: Iterable[str]) -> list[str]:
    """Each name as the tag that goes by it is called: in another case, or by a name that the tag has given up. Names
    that no tag has are kept. One query, and a second where there are such."""
    typed = {folded(name).lower(): folded(name) for name in names}
    typed.pop("", None)
    known = dict(
        Tag.objects.annotate(low=Lower("name"))
        .filter(low__in=typed)
        .values_list("low", "name")
        .order_by("pk")
    )
    left = {
        as_typed(reverse("tag", args=[slug])): low
        for low in typed.keys() - known.keys()
        if (slug := slugify(low, allow_unicode=True))
    }
    if left:
        moved = Address.objects.filter(path__in=left, tag__isnull=False).values_list("path", "tag__name")
        known |= {left[path]: name for path, name in moved}
    return list(dict.fromkeys(known.get(low, name) for low, name in typed.items()))
