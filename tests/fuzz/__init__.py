"""Arbitrary input for what reads it: `make fuzz` (ARGS="--seconds 300 markup"). What it finds goes to a test."""

NAMES = ("markup", "markdown", "query", "cursor", "front-matter", "picture")
"""The keys of `targets.TARGETS`, whose import is left to the process that fuzzes: it watches what is imported."""
