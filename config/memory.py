"""How much memory a web process keeps that it does not use."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""https://man7.org/linux/man-pages/man3/mallopt.3.html"""
ARENAS = 2


def share_arenas() -> bool:
    """Lets all threads take their memory from two arenas. By default each has its own, from which what one thread has
    given back is no use to another: a process that keeps pages had a third more after 23,000 requests. Returns whether
    the C library knows of arenas: glibc does, musl does not."""
    try:
        return bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS))
    except (AttributeError, OSError, TypeError):
        return False
