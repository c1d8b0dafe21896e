import pytest

from blog.markup import render
from blog.markup.crossings import MAX_TARGETS, read_target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("read-path", ("read-path", "")),
        ("read-path#fig-cache", ("read-path", "cache")),
        ("größe", ("größe", "")),
        ("gr%C3%B6%C3%9Fe#fig-a", ("größe", "a")),
        ("gro\u0308ße", ("größe", "")),
        ("漢字_1", ("漢字_1", "")),
        ("a" * 200, ("a" * 200, "")),
        ("a" * 201, None),
        ("a#fig-" + "b" * 101, None),
        ("a#fig-B", None),
        ("a#cache", None),
        ("a#", None),
        ("a/b", None),
        ("a%2Fb", None),
        ("a%00", None),
        ("%ff", None),
        ("%ed%a0%80", None),
        ("", None),
        ("#fig-a", None),
    ],
)
def test_it_reads_a_slug_and_a_key_or_nothing(text, target):
    assert read_target(text) == target


def test_it_lists_each_target_once_in_order():
    rendered = render("[](post:b) [x](post:a#fig-k) [](post:b) [](post:a)")
    assert rendered.crossings == (("b", ""), ("a", "k"), ("a", ""))


def test_it_stops_at_a_number_of_targets_that_a_page_can_look_up():
    source = "".join(f"[x](post:a{n}) " for n in range(MAX_TARGETS + 5)) + "[x](post:a1)"
    rendered = render(source)
    assert len(rendered.crossings) == MAX_TARGETS
    assert rendered.html.count("data-post") == MAX_TARGETS + 1
    assert {problem.code for problem in rendered.problems} == {"many-post-references"}


def test_its_words_are_text_and_the_others_are_not():
    assert render("a [b](post:c) [](post:d)").text == "a b"
