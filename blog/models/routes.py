"""Addresses of rows. A page of cards names a hundred, most of them again and again."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def route(name: str, key: str) -> str:
    """The address of the page `name` of the row that `key` (a slug or a path) tells from others; what `reverse` gives,
    from memory if it was asked for lately."""
    return _route(get_script_prefix(), name, key)


@lru_cache(maxsize=8_192)
def _route(_prefix: str, name: str, key: str) -> str:
    return reverse(name, args=[key])
