import pytest

from blog.markup import render
from blog.markup.plain import count_words, reading_minutes


def test_it_gives_one_line_per_block_without_code_anchors_and_marks():
    source = (
        "## Read *path*\n\nSee [](figure:a)[^1] and $x^2$.\n\n![](figure:a)\n\n```text\ncode\n```\n\n- one\n- two\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: Note."
    )
    assert render(source).text.split("\n") == [
        "Read path",
        "See Figure 1 and x^2.",
        "one",
        "two",
        "a  b",
        "1  2",
        "Note.",
    ]
    assert render(source).code == "code"


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("It's a state-of-the-art 3.5 GHz", 5), ("日本語 text", 4), ("— … !", 0)]
)
def test_it_counts_words(text, words):
    assert count_words(text) == words


def test_it_rounds_reading_time_up_and_never_below_one_minute():
    assert reading_minutes(0, 0, "") == 1
    assert reading_minutes(220, 0, "") == 1
    assert reading_minutes(221, 0, "") == 2
    assert reading_minutes(220, 1, "") == 2
    assert reading_minutes(1_100, 5, "x\n" * 40) == 7
