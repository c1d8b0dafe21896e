"""The stylesheet of highlighted code against the classes that are written and the contrast that WCAG asks for."""

import re
from pathlib import Path

import pytest

from blog.markup.fences import TOKEN_CLASSES

SHEET = (Path(__file__).resolve().parent.parent.parent / "static" / "css" / "code.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--(\w+): (#\w{6})", block))
    for block in re.findall(r"\.code \{(.*?)\}", SHEET, re.DOTALL)
)
BACKGROUNDS = {"light": "#f6f4ef", "dark": "#1b1e24"}


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_every_colour_can_be_read_on_code_and_on_a_marked_line(scheme, colours):
    assert LIGHT.keys() == DARK.keys()
    for name, colour in colours.items():
        if name != "marked":
            assert contrast(colour, BACKGROUNDS[scheme]) >= 4.5, (scheme, name)
            assert contrast(colour, colours["marked"]) >= 4.5, (scheme, name, "marked")


def test_every_class_that_is_written_has_a_rule_and_none_has_one_in_vain():
    ruled = set(re.findall(r"^  \.(\w+)", SHEET, re.MULTILINE)) - {"code"}
    assert ruled == TOKEN_CLASSES | {"hl", "ln"}
