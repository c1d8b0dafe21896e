"""The demo edition's figures: each key has a function that draws it on a sheet.

`DRAWINGS` maps a key to a function without arguments that returns the finished PNG, always the same bytes.
"""

from collections.abc import Callable
from functools import partial

from ..drawing import Sheet
from . import agents, ai_gateway, evs, features, key_suite, partitions, proteins, tenants

PICTURES: dict[str, Callable[[], Sheet]] = {
    **key_suite.PICTURES,
    **partitions.PICTURES,
    **evs.PICTURES,
    **ai_gateway.PICTURES,
    **agents.PICTURES,
    **proteins.PICTURES,
    **tenants.PICTURES,
    **features.PICTURES,
}
"""The drawn sheet of each figure, before it becomes a PNG; what the audit reads."""


def draw(key: str) -> bytes:
    """The figure `key` as PNG. Raises KeyError for a key that has no drawing."""
    return PICTURES[key]().png()


DRAWINGS: dict[str, Callable[[], bytes]] = {key: partial(draw, key) for key in PICTURES}
