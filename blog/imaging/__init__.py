"""Bytes in, bytes out.

This room verifies uploaded images and encodes renditions, in a child process with limits. It never knows what
a Post is, and never touches the database or the storage.

    cleaned = clean(upload.read(), name=upload.name)          # ImageRefused: tell the editor why
    files = renditions(cleaned.data, graphic=cleaned.graphic)
    drawn = draw_card(CardWords(site="Stratum", title="Queues"), cleaned.data)
"""

from .isolation import clean, draw_card, look, renditions
from .sentences import say
from .specs import MAX_BYTES, MAX_PIXELS, WIDTHS, CardWords, Cleaned, Encoded, ImageRefused

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "WIDTHS",
    "CardWords",
    "Cleaned",
    "Encoded",
    "ImageRefused",
    "clean",
    "draw_card",
    "look",
    "renditions",
    "say",
]
