"""Addresses of rows. A page of cards names a hundred, most of them again and again."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def route(name: str, *keys: str) -> str:
    """The address of the page `name` of the row that `keys` (a slug or a path) tell from others; what `reverse` gives,
    from memory if it was asked for lately."""
    return _route(get_script_prefix(), name, *keys)


@lru_cache(maxsize=8_192)
def _route(_prefix: str, name: str, *keys: str) -> str:
    return reverse(name, args=keys)
