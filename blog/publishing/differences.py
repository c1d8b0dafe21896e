"""What has become of a text, word by word. Pure, and bounded in time whatever the texts are."""

from __future__ import annotations

import re
from array import array
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

SAME, ADDED, REMOVED, GAP = "same", "added", "removed", "gap"

# Words, and single letters of scripts that put no blanks between words: kana, ideographs, Thai, Lao, Khmer, Burmese.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
TOKEN = re.compile(rf"[{UNSPACED}]|[^\W{UNSPACED}]+|\s+|[^\w\s]")
WORD = re.compile(r"\w")
# Steps of a comparison before it is given up for a coarser one; about a quarter of a second.
LINE_STEPS = 400_000
WORD_STEPS = 300_000

Hunk = tuple[str, int, int, int, int]


@dataclass(frozen=True)
class Piece:
    """`kind` is "same", "added" or "removed"; in what `shortened` gives also "gap", for words left out."""

    kind: str
    text: str


def words(old: str, new: str) -> list[Piece]:
    """The pieces of both texts in order, what was removed before what took its place: those that are not "added" make
    up the old text, those that are not "removed" the new one.

    Lines are compared first and words within those that differ. Where texts are too long and too different for that,
    whole paragraphs are told to have changed, in the end the whole text.
    """
    if old == new:
        return [Piece(SAME, old)] if old else []
    pieces: list[Piece] = []
    left = [WORD_STEPS]
    for kind, before, after in _coarse(old, new):
        pieces += [Piece(SAME, before)] if kind == SAME else _within(before, after, left)
    return _joined(pieces)


def changed(pieces: Sequence[Piece]) -> bool:
    return any(piece.kind != SAME for piece in pieces)


def shortened(pieces: Sequence[Piece], around: int = 60) -> list[Piece]:
    """The same with at most `around` characters left on each side of a change; what is left out becomes a "gap"."""
    short: list[Piece] = []
    for n, piece in enumerate(pieces):
        head, tail = around * (n > 0), around * (n < len(pieces) - 1)
        if piece.kind != SAME or len(piece.text) <= head + tail + around // 2:
            short.append(piece)
            continue
        start = piece.text[:head].rpartition(" ")[0] or piece.text[:head]
        end = piece.text[len(piece.text) - tail :]
        end = end.partition(" ")[2] or end
        short += [Piece(SAME, start)] * bool(start) + [Piece(GAP, "…")] + [Piece(SAME, end)] * bool(end)
    return short


def _coarse(old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Cuts both texts into what is the same line by line and what is not."""
    for cut in (_lines, _paragraphs):
        a, b = cut(old), cut(new)
        hunks = _compare(a, b, [LINE_STEPS])
        if hunks is not None:
            yield from ((kind, "".join(a[i:j]), "".join(b[k:n])) for kind, i, j, k, n in hunks)
            return
    yield "changed", old, new


def _within(before: str, after: str, left: list[int]) -> list[Piece]:
    whole = [Piece(REMOVED, before)] * bool(before) + [Piece(ADDED, after)] * bool(after)
    if not before or not after:
        return whole
    a, b = TOKEN.findall(before), TOKEN.findall(after)
    hunks = _compare(a, b, left)
    if hunks is None:
        return whole
    pieces: list[Piece] = []
    kept = 0
    for kind, i, j, k, n in hunks:
        gone, come = "".join(a[i:j]), "".join(b[k:n])
        # A blank or a comma between two changed words is no reason to read them as two changes.
        if kind == SAME and WORD.search(gone):
            pieces.append(Piece(SAME, gone))
            kept += len(gone)
        elif kind == SAME and i > 0 and j < len(a) and pieces and pieces[-1].kind != SAME:
            pieces += [Piece(REMOVED, gone), Piece(ADDED, come)]
        elif kind == SAME:
            pieces.append(Piece(SAME, gone))
        else:
            pieces += [Piece(REMOVED, gone)] * bool(gone) + [Piece(ADDED, come)] * bool(come)
    # Sentences that share a few small words by chance are read better one after the other.
    return pieces if kept * 5 >= min(len(before), len(after)) else whole


def _compare(a: Sequence[Hashable], b: Sequence[Hashable], left: list[int]) -> list[Hunk] | None:
    """The hunks (kind, from and to in `a`, from and to in `b`) of a shortest way from `a` to `b`; None when it takes
    more steps than are left in `left[0]`, which is counted down.

    E. W. Myers: An O(ND) Difference Algorithm and Its Variations, Algorithmica 1 (1986), the greedy one of figure 2.
    """
    start, limit = 0, min(len(a), len(b))
    while start < limit and a[start] == b[start]:
        start += 1
    end = 0
    while end < limit - start and a[-1 - end] == b[-1 - end]:
        end += 1
    x_end, y_end = len(a) - end, len(b) - end
    trail: list[array[int]] = []  # for each round what the one before had reached, on every other diagonal
    reach = {1: start}
    for d in range(x_end + y_end - 2 * start + 1):
        trail.append(array("l", (reach[k] for k in range(1 - d, d, 2))))
        left[0] -= d + 1
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            begun = x
            while x < x_end and y < y_end and a[x] == b[y]:
                x, y = x + 1, y + 1
            left[0] -= x - begun
            reach[k] = x
            if x >= x_end and y >= y_end:
                return _hunks(_way_back(trail, x_end, y_end, start), a, b)
        if left[0] < 0:
            return None
    return []


def _way_back(trail: list[array[int]], x: int, y: int, start: int) -> list[tuple[int, int]]:
    """The pairs of places that are the same, in order, between the common beginning and end."""
    pairs: list[tuple[int, int]] = []
    for d in range(len(trail) - 1, -1, -1):
        reached, k = trail[d], x - y
        before_x = before_y = start
        if d:
            here = (k + d) // 2  # of the diagonal above; the one below stands before it
            down = k == -d or (k != d and reached[here - 1] < reached[here])
            before_x = reached[here if down else here - 1]
            before_y = before_x - (k + 1 if down else k - 1)
        while x > before_x and y > before_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = before_x, before_y
    return pairs[::-1]


def _hunks(pairs: list[tuple[int, int]], a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Hunk]:
    """Beginning and end that both have in common are found again here, so that pairs need not name them."""
    head = 0
    first = pairs[0] if pairs else None
    limit = min(first) if first else min(len(a), len(b))
    while head < limit and a[head] == b[head]:
        head += 1
    after = (pairs[-1][0] + 1, pairs[-1][1] + 1) if pairs else (head, head)
    tail = 0
    while tail < min(len(a) - after[0], len(b) - after[1]) and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    runs = [(0, 0, head)] if head else []
    for x, y in pairs:
        if runs and (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]) == (x, y):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((x, y, 1))
    if tail:
        runs.append((len(a) - tail, len(b) - tail, tail))
    hunks: list[Hunk] = []
    x = y = 0
    for at, there, length in [*runs, (len(a), len(b), 0)]:
        if (x, y) != (at, there):
            hunks.append(("changed", x, at, y, there))
        if length:
            hunks.append((SAME, at, at + length, there, there + length))
        x, y = at + length, there + length
    return hunks


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _paragraphs(text: str) -> list[str]:
    return re.findall(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+(?:[^\S\n]*\n)*|(?:[^\S\n]*\n)+|[^\S\n]+", text)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind become one piece; between two that are the same, all that was removed comes first."""
    joined: list[Piece] = []
    gone = come = ""
    for piece in [*pieces, Piece(SAME, "")]:
        if piece.kind == REMOVED:
            gone += piece.text
        elif piece.kind == ADDED:
            come += piece.text
        else:
            joined += [Piece(REMOVED, gone)] * bool(gone) + [Piece(ADDED, come)] * bool(come)
            gone = come = ""
            if joined and joined[-1].kind == SAME:
                joined[-1] = Piece(SAME, joined[-1].text + piece.text)
            elif piece.text:
                joined.append(piece)
    return joined
