"""Lists as most people write them: nested by the width of the marker, begun right below a paragraph.

Python-Markdown nests by four spaces only and wants an empty line before a list. CommonMark (0.31, §5.2) does
neither, and posts are written for it. The lines are brought into the form that the parser reads.
"""

from __future__ import annotations

import re

MARKER = re.compile(r"( *)([-+*]|\d{1,9}\.)( +)(?=\S)")
RULE = re.compile(r" {0,3}(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$")
CONTAINER = re.compile(r"(?:!!!|\?\?\?\+?) ?[\w\"]|\[\^[^\]]+\]:|:   ")
STASHED = re.compile(r"\x02wzxhzdk:\d+\x03 *")
BEGINNERS = frozenset({"-", "+", "*", "1."})
"""Markers that may interrupt a paragraph; `1984.` at the start of a line is a year."""


def apart(lines: list[str]) -> list[str]:
    """Empty lines around the places of fenced code at the margin, so that each is a block of its own."""
    out: list[str] = []
    for line in lines:
        out += ["", line, ""] if STASHED.fullmatch(line) else [line]
    return out


def relist(lines: list[str], after_blank: bool = True) -> list[str]:
    """The lines with every list item and what belongs to it indented by four spaces for each level.

    `after_blank` tells whether an empty line stands before the first of them.
    """
    out: list[str] = []
    offsets: list[int] = []  # of each open item: the column where its content starts
    block_level, index = 0, 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.strip():
            out.append(line)
            after_blank = True
            continue
        indent = len(line) - len(line.lstrip(" "))
        container = CONTAINER.match(line) if not indent else None
        if container:
            end = _end_of_container(lines, index)
            inner = relist([inside[4:] for inside in lines[index:end]], line[0] in "!?")
            out += [line, *(f"    {inside}" if inside else "" for inside in inner)]
            offsets, after_blank, index = [], not lines[end - 1].strip(), end
            continue
        marker = None if RULE.match(line) else MARKER.match(line)
        level = len(offsets)
        if marker or after_blank:
            while offsets and indent < offsets[-1]:
                offsets.pop()
        continues = len(offsets) < level
        if marker and indent < (offsets[-1] if offsets else 0) + 4:
            if after_blank:
                block_level = len(offsets)
            elif len(offsets) < block_level:
                out.append("")
                block_level = len(offsets)
            elif not continues and not _is_open(out):
                if marker[2] not in BEGINNERS:
                    out.append(line)
                    continue
                out.append("")
                block_level = len(offsets)
            out.append("    " * len(offsets) + line[indent:])
            offsets.append(min(marker.end(), indent + 4))
        else:
            if after_blank:
                block_level = len(offsets)
            spare = indent - offsets[-1] if offsets else -1
            keep = 0 if spare < 4 else max(spare, indent - 4 * len(offsets))
            out.append(line if spare < 0 else "    " * len(offsets) + " " * keep + line[indent:])
        after_blank = False
    return out


def _is_open(out: list[str]) -> bool:
    """Whether the lines since the last empty one hold a list item that another may follow."""
    for line in reversed(out):
        if not line.strip():
            return False
        if MARKER.match(line) and not RULE.match(line):
            return True
    return False


def _end_of_container(lines: list[str], index: int) -> int:
    """The index after the last line of a callout's, footnote's or definition's indented body."""
    while index < len(lines) and (not lines[index].strip() or lines[index].startswith("    ")):
        index += 1
    return index
