"""A small kit for drawing architecture diagrams with Pillow: canvas, boxes, groups, arrows, labels and plots.

It knows nothing of posts or figures and never reads anything but the project's fonts.
"""

from .audit import faults
from .geometry import Point, Port, Rect
from .palette import CONTROL, DATA, PLAIN, QUIET, TROUBLE, Tone
from .plots import Plot
from .sheet import Sheet

__all__ = [
    "CONTROL",
    "DATA",
    "PLAIN",
    "QUIET",
    "TROUBLE",
    "Plot",
    "Point",
    "Port",
    "Rect",
    "Sheet",
    "Tone",
    "faults",
]
