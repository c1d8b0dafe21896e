"""Words that were removed and added, whatever the texts are."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.publishing.differences import Piece, changed, shortened, words

TEXTS = st.text(alphabet="ab \n.é字", max_size=60)


def told(old: str, new: str) -> str:
    """The pieces as one line: [-removed-] and {+added+}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}", "gap": "{}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in words(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
        ("old", "", "[-old-]"),
        ("one two three", "one 2 three", "one [-two-]{+2+} three"),
        ("one two three", "one three", "one [-two -]three"),
        ("a queue fills up", "a queue never fills up", "a queue {+never +}fills up"),
        ("the quick brown fox", "the slow, red fox", "the [-quick brown-]{+slow, red+} fox"),
        ("A.\n\nB.\n", "A.\n\nC.\n\nB.\n", "A.\n\n{+C.\n\n+}B.\n"),
        ("first\nsecond\n", "second\nfirst\n", "[-first\n-]second\n{+first\n+}"),
        ("図を変える", "図は変える", "図[-を-]{+は+}変える"),
        ("nothing in common here", "völlig anders", "[-nothing in common here-]{+völlig anders+}"),
    ],
)
def test_it_tells_what_was_removed_and_added(old, new, shown):
    assert told(old, new) == shown


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_it_always_tells_both_texts_whole(old, new):
    pieces = words(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    assert "".join(p.text for p in pieces if p.kind != "removed") == new
    assert all(a.kind != b.kind for a, b in zip(pieces, pieces[1:], strict=False))
    assert changed(pieces) == (old != new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x\n" * 40_000, "y\n" * 40_000),
        ("\n".join(map(str, range(30_000))), "\n".join(map(str, range(30_000, 0, -1)))),
        ("a b " * 60_000, "b a c " * 40_000),
        ("".join(random.Random(1).choices("ab \n", k=200_000)), "".join(random.Random(2).choices("ab \n", k=200_000))),
        ("\n \n" * 50_000, " \n" * 90_000),
    ],
    ids=["other lines", "turned round", "one long line", "noise", "blanks"],
)  # fmt: skip
def test_it_takes_no_longer_than_people_wait(old, new):
    began = time.process_time()
    pieces = words(old, new)
    assert time.process_time() - began < 3
    assert "".join(p.text for p in pieces if p.kind != "removed") == new


def test_it_finds_one_word_in_a_long_text():
    old = "\n\n".join(f"Paragraph {n} says what it says." for n in range(5_000))
    pieces = words(old, old.replace("Paragraph 2500 says", "Paragraph 2500 asks"))
    assert [p for p in pieces if p.kind != "same"] == [Piece("removed", "says"), Piece("added", "asks")]


def test_it_leaves_out_what_is_far_from_a_change():
    far = "word " * 100
    pieces = shortened(words(f"{far}old {far}", f"{far}new {far}"), around=20)
    assert [p.kind for p in pieces] == ["gap", "same", "removed", "added", "same", "gap"]
    assert all(len(p.text) <= 20 for p in pieces)
    assert shortened(words("a", "a")) == [Piece("same", "a")]
