import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.markup import render
from blog.markup.fences import code_lines, languages, marked_lines


def text_of(lines):
    return "\n".join("".join(text for _, text in line) for line in lines)


@pytest.mark.parametrize(
    "language",
    ["python", "js", "bash", "console", "yaml", "json", "html", "sql", "go", "rust", "diff", "hcl"],
)
@settings(max_examples=25, deadline=None)
@given(code=st.text(alphabet="ab \n\"'$#{}()<>&=:-\\/*é1", max_size=80))
def test_it_never_loses_or_adds_a_character(language, code):
    code = code.rstrip().lstrip("\n")
    assert text_of(code_lines(code, language)) == code


def test_every_language_takes_a_simple_text():
    for language in sorted(languages())[::25]:
        assert text_of(code_lines("a = 1\n\n# b", language)) == "a = 1\n\n# b"


def test_it_reads_marked_lines():
    assert marked_lines("2 4-6, x 9-8 1") == {1, 2, 4, 5, 6}
    assert len(marked_lines("1-999999")) <= 10_001


def test_it_never_guesses_a_language():
    assert "<span" not in render("```\n#!/usr/bin/python\nimport os\n```").html


def test_line_numbers_are_no_text():
    rendered = render('```python linenums="7"\nx = 1\n```')
    assert 'data-line="7"' in rendered.html
    assert rendered.code == "x = 1"
    assert ">7<" not in rendered.html
