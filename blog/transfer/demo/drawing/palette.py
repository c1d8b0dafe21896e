"""Colours and what they mean: one hue for each role, the same in every diagram."""

from dataclasses import dataclass

Colour = str
"""An sRGB colour written `#rrggbb`."""

INK = "#1d2330"
MUTED = "#5b6472"
PAPER = "#fbfaf7"
WHITE = "#ffffff"
LINE = "#c9c5bb"
GROUP = "#f3f0e8"


@dataclass(frozen=True)
class Tone:
    """A role in a diagram: `strong` for strokes and heads, `light` for fills, `text` for words."""

    strong: Colour
    light: Colour
    text: Colour


DATA = Tone("#b4532a", "#f6e3d8", "#98431f")
CONTROL = Tone("#1f6f78", "#dceeee", "#17585f")
# Ochre is too light for words on paper, so its words are set in a darker ochre.
TROUBLE = Tone("#b98a1d", "#f6ecd0", "#7a5a0c")
QUIET = Tone("#3d4f6b", "#e1e7f0", "#3d4f6b")
PLAIN = Tone(MUTED, GROUP, MUTED)


def rgb(colour: Colour) -> tuple[int, int, int]:
    """Red, green and blue of `colour`, each 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(value: tuple[int, int, int]) -> float:
    """Relative luminance, 0 to 1, by the formula of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in value)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast ratio of two colours, 1 to 21, by the formula of WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
