"""How much a rule weighs: it blocks publishing, it advises, or it is off. The setting PUBLISH_CHECKS may say otherwise
than the rule: `small-figure=block,short-summary=off`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from environs import EnvError

BLOCK, ADVISE, OFF = "block", "advise", "off"
SEVERITIES = (BLOCK, ADVISE, OFF)


class BadChecks(EnvError):
    """PUBLISH_CHECKS says what can't be done; the message is a sentence for the operator."""


def chosen(rules: Mapping[str, Any]) -> dict[str, str]:
    """What the setting says, as severities by code.

    Raises:
        BadChecks: it names no rule, no severity, or lowers a rule that can't be lowered.
    """
    given = tuple(settings.PUBLISH_CHECKS)
    return _parsed(given, tuple((one.code, one.locked) for one in rules.values())) if given else {}


@lru_cache(maxsize=8)
def _parsed(given: tuple[str, ...], rules: tuple[tuple[str, bool], ...]) -> dict[str, str]:
    locked = dict(rules)
    parsed: dict[str, str] = {}
    for item in given:
        code, mark, severity = (part.strip() for part in item.partition("="))
        if not mark or severity not in SEVERITIES:
            raise BadChecks(
                f"PUBLISH_CHECKS: “{item.strip()}” is not understood. Write a rule's name, an equals sign, and one of "
                f"{', '.join(SEVERITIES)}, such as small-figure=block; separate several by commas."
            )
        if code not in locked:
            raise BadChecks(
                f"PUBLISH_CHECKS: there is no rule “{code}”. `manage.py check_posts --rules` lists them all."
            )
        if locked[code] and severity != BLOCK:
            raise BadChecks(
                f"PUBLISH_CHECKS: “{code}” can't be lowered to “{severity}”: the database itself holds that rule."
            )
        if parsed.setdefault(code, severity) != severity:
            raise BadChecks(
                f"PUBLISH_CHECKS: “{code}” is set twice, to “{parsed[code]}” and to “{severity}”."
            )
    return parsed
