"""The stylesheet of highlighted code against the classes that are written and the contrast that WCAG asks for."""

import re
from pathlib import Path

import pytest

from blog.markup.fences import TOKEN_CLASSES

CSS = Path(__file__).resolve().parent.parent.parent / "static" / "css"
SHEET = (CSS / "code.css").read_text()
PAIRS = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", SHEET)
WASH = re.search(r"--wash: light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text())
GROUNDS = {"marked", "less", "more"}
ON = {"gone": "less", "new": "more"}


def luminance(colour):
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read_on_code_and_on_a_marked_or_changed_line(scheme):
    colours = {name: pair[scheme] for name, *pair in PAIRS}
    assert len(colours) >= 12
    for name in colours.keys() - GROUNDS:
        assert contrast(colours[name], WASH[scheme + 1]) >= 4.5, name
        assert contrast(colours[name], colours["marked"]) >= 4.5, (name, "marked")
        if name in ON:
            assert contrast(colours[name], colours[ON[name]]) >= 4.5, (name, ON[name])


def test_every_class_that_is_written_has_a_rule_and_none_has_one_in_vain():
    ruled = set(re.findall(r"^  \.([a-z]+)(?=[ :.{])", SHEET, re.MULTILINE)) - {"code", "plate"}
    assert ruled == TOKEN_CLASSES | {"hl", "ln"}
