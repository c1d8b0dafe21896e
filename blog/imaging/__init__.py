"""Bytes in, bytes out.

This room verifies uploaded images and encodes renditions, in a child process with limits. It never knows what
a Post is, and never touches the database or the storage.

    cleaned = clean(upload.read(), name=upload.name)          # ImageRefused: show its sentence to the editor
    files = renditions(cleaned.data, graphic=cleaned.graphic)
"""

from .isolation import clean, renditions
from .specs import MAX_BYTES, MAX_PIXELS, WIDTHS, Cleaned, Encoded, ImageRefused

__all__ = ["MAX_BYTES", "MAX_PIXELS", "WIDTHS", "Cleaned", "Encoded", "ImageRefused", "clean", "renditions"]
