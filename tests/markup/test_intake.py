import pytest

from blog.markup import RenderRefused, render
from blog.markup.intake import admit


def test_line_ends_do_not_matter():
    assert render("## a\r\n\r\nb\rc") == render("## a\n\nb\nc")


@pytest.mark.parametrize("bad", ["a\n\0", "a\n\ud800", "a\nx\udfff"])
def test_it_refuses_damaged_text_and_names_the_line(bad):
    with pytest.raises(RenderRefused, match=r"^Line 2 holds .* type it again\.$"):
        render(bad)


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\x07", "\x7f", "\x85", "\ufffe"])
def test_it_leaves_out_hidden_characters_and_says_so(character):
    rendered = render(f"a\n\nb{character}c `d{character}e`")
    assert character not in rendered.html + rendered.text
    assert [(problem.code, problem.line) for problem in rendered.problems] == [("hidden-character", 3)]
    assert f"U+{ord(character):04X}" in rendered.problems[0].message


def test_it_drops_a_byte_order_mark_in_silence():
    source, ledger = admit("\ufeffa")
    assert source == "a"
    assert not ledger.problems


def test_it_keeps_the_marks_that_right_to_left_scripts_need():
    assert "\u200f" in render("שלום\u200f!").html
