import pytest

from blog.markup.lists import relist


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("- a\n  - b\n    - c\n- d", "- a\n    - b\n        - c\n- d"),
        ("1. a\n   - b", "1. a\n    - b"),
        ("- a\n    - b", "- a\n    - b"),
        ("10. a\n\n    b", "10. a\n\n    b"),
        ("- a\n\n  b", "- a\n\n    b"),
        ("text\n- a", "text\n\n- a"),
        ("text\n1. a", "text\n\n1. a"),
        ("text\n1984. a", "text\n1984. a"),
        ("* * *", "* * *"),
        ("    - code", "    - code"),
        ("**bold**\n*em*", "**bold**\n*em*"),
        ("!!! note\n    a\n    - b\n      - c", "!!! note\n    a\n\n    - b\n        - c"),
        ("- a\nlazy\n- b", "- a\nlazy\n- b"),
    ],
)
def test_it_brings_lists_into_the_form_that_the_parser_reads(written, read):
    assert "\n".join(relist(written.split("\n"))) == read


def test_it_changes_nothing_the_second_time():
    once = relist(["x", "- a", "  - b", "", "    c", "1. d", "   - e"])
    assert relist(once) == once
