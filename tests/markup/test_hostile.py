"""Every vector of `hostile/`, one bomb of every shape known to hurt, and arbitrary text."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.markup import MAX_CHARACTERS, RenderRefused, fill, render_isolated

from .properties import check, holds

pytestmark = pytest.mark.long
FOLDER = Path(__file__).parent / "hostile"


def vectors() -> list[tuple[str, str]]:
    """(family, text) of every vector; they are separated by lines of %%%, and \\u{…} stands for a character."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        text = path.read_text(encoding="utf-8").rstrip("\n")
        for number, vector in enumerate(text.split("\n%%%\n"), start=1):
            plain = re.sub(r"\\u\{([0-9a-f]+)\}", lambda code: chr(int(code[1], 16)), vector)
            found.append((f"{path.stem}-{number}", plain))
    return found


VECTORS = vectors()
# Where vectors are put, because a filter that holds in a paragraph may not hold in a cell.
PLACES = [
    "{}",
    "- {}",
    "> {}",
    '!!! note "{}"\n    {}',
    "| a |\n|---|\n| {} |",
    "x[^1]\n\n[^1]: {}",
    "## {}",
    "*{}*",
    "[{}](https://a.example)",
    "Term\n:   {}",
]


def test_it_has_been_tried_with_at_least_150_vectors():
    assert len({vector for _, vector in VECTORS}) >= 150


@pytest.mark.parametrize("vector", [vector for _, vector in VECTORS], ids=[name for name, _ in VECTORS])
def test_it_lets_no_vector_through(vector):
    holds(vector)


@pytest.mark.parametrize("place", PLACES)
def test_it_lets_no_vector_through_in_any_place(place):
    for _, vector in VECTORS:
        holds(place.replace("{}", vector.replace("\n", " ")))


def test_it_lets_no_two_vectors_join_into_something_active():
    for (_, one), (_, other) in zip(VECTORS, VECTORS[7:], strict=False):
        holds(f"{one}\n\n{other}")
        holds(f"{one} {other}")


def test_it_gives_an_author_no_way_to_write_a_placeholder():
    for _, vector in VECTORS:
        rendered = holds(vector)
        drawn = []
        fill(rendered.html, lambda key, number, drawn=drawn: drawn.append(key) or "")
        assert tuple(drawn) == rendered.figures


BOMBS = {
    "brackets": "[" * 20_000,
    "image brackets": "![" * 20_000,
    "closed brackets": "[" * 20_000 + "]" * 20_000,
    "open links": "[a](" * 20_000,
    "open titles": '[a]("' * 20_000,
    "parentheses": "[a](" + "(" * 50_000,
    "links": "[a](/b) " * 10_000,
    "labels": "[a][b] " * 20_000 + "\n\n[b]: /c",
    "definitions": "[a]: b\n" * 20_000,
    "quotes": ">" * 10_000,
    "spaced quotes": "> " * 10_000 + "x",
    "quotes and lists": "> - " * 10_000 + "x",
    "nested lists": "".join("  " * level + "- x\n" for level in range(400)),
    "marker in marker": "- " * 50_000 + "x",
    "stars": "*" * 100_000,
    "star words": "*a " * 30_000,
    "mixed emphasis": "*a**b_c__" * 10_000,
    "tildes": "~a" * 30_000,
    "equals": "==a" * 30_000,
    "carets": "^a" * 30_000,
    "backticks": "`" * 199_999,
    "a megabyte of backticks": "`" * 1_000_000,
    "backtick pairs": "`a``" * 30_000,
    "growing backticks": "x".join("`" * size for size in range(600)),
    "backslashes": "\\" * 199_999,
    "ampersands": "&" * 100_000,
    "angles": "<" * 100_000,
    "comments": "<!--" * 40_000,
    "tags": "<a " * 60_000,
    "dollars": "$" * 100_000,
    "dollar words": "$a " * 60_000,
    "braces": "$" + "{" * 3_000 + "$",
    "roots": "$" + r"\sqrt" * 800 + "$",
    "rising": "$" + "a^" * 1_500 + "$",
    "headings": "## a\n\n" * 5_000,
    "footnotes": "".join(f"[^{n}] " for n in range(10_000))
    + "\n\n"
    + "".join(f"[^{n}]: x\n" for n in range(10_000)),
    "footnotes in footnotes": "[^0]\n\n" + "".join(f"[^{n}]: [^{n + 1}]\n" for n in range(5_000)),
    "one footnote often": "[^1] " * 20_000 + "\n\n[^1]: x",
    "abbreviations": "".join(f"*[A{n}]: x\n" for n in range(9_000)) + "\nA1 " * 5_000,
    "wide table": "|a" * 1_000 + "|\n" + "|-" * 1_000 + "|\n" + "|\n" * 50_000,
    "long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 30_000,
    "one row": "|" * 199_999,
    "callouts": "!!! note\n" * 10_000,
    "details": "??? note\n" * 10_000,
    "nested callouts": "".join("    " * level + "!!! note\n" for level in range(300)),
    "fences": "```\n" * 40_000,
    "open fence": "```python\n" + "(" * 150_000,
    "fence options": "```python " + 'a="' * 60_000,
    "fence words": "```python " + "a " * 90_000,
    "rules": "- " * 90_000,
    "setext": "a\n=\n" * 40_000,
    "terms": "a\n:   b\n\n" * 15_000,
    "empty lines": "\n" * 199_999,
    "spaces": " " * 199_999,
    "tabs": "\t" * 199_999,
    "one word": "a" * 199_999,
    "combining": "e" + "\u0301" * 199_998,
    "figures": "![](figure:a)\n\n" * 10_000,
    "references": "[](figure:a) " * 12_000,
    "posts": "[](post:a#fig-b) " * 11_000,
    "different posts": "".join(f"[](post:a{n}) " for n in range(12_000)),
    "one long slug": "[](post:" + "a" * 10_000 + ")",
    "one escaped slug": "[](post:" + "%61" * 1_300 + ")",
    "json": "[" + ",".join('{"a":[1,2,{"b":"c"}]}' for _ in range(5_000)) + "]",
    "html": "<div class=x><span>a</span></div>\n" * 5_000,
    "log": "2026-01-02T03:04:05Z [INFO] a.b.c: x=1 y=[1, 2] <z>\n" * 3_000,
    "regex python": "```python\n" + "'''" + "\\" * 100_000 + "\n```",
    "regex perl": "```perl\n" + "s/" + "(a+)+" * 20_000 + "\n```",
    "regex sql": "```sql\n" + "'" * 100_001 + "\n```",
    "regex yaml": "```yaml\n" + "- " * 50_000 + "\n```",
    "regex html": "```html\n" + "<a " * 50_000 + "\n```",
    "regex ruby": "```ruby\n" + "<<A" * 40_000 + "\n```",
}
LIMIT = 2.0
"""Seconds; a post gets five. Shorter here, because every bomb that reaches the limit costs the suite as much."""
BEYOND = {
    "ampersands", "backslashes", "fences", "setext", "terms", "empty lines", "details", "abbreviations",
}  # fmt: skip
"""These reach any limit that an author would wait for, so that they end soon is all there is to see: at a quarter of it."""


@pytest.fixture(autouse=True, scope="module")
def a_warm_child():
    """The start of the child is not what the bombs are timed for."""
    render_isolated("warm")


@pytest.mark.parametrize("name", BOMBS)
def test_it_answers_every_bomb_in_time(name):
    began = time.monotonic()
    try:
        rendered = render_isolated(BOMBS[name], seconds=LIMIT / 4 if name in BEYOND else LIMIT)
    except RenderRefused as refused:
        assert str(refused).endswith(".")
        rendered = None
    assert time.monotonic() - began < 5.0
    if rendered:
        check(rendered)


def test_it_renders_ordinary_pastes_and_does_not_refuse_them():
    for name in ("brackets", "json", "html", "log", "headings", "links", "backtick pairs"):
        assert render_isolated(BOMBS[name]).html


PIECES = st.sampled_from(
    [
        "[", "]", "(", ")", "![", "](", "[^1]", "\n[^1]: ", "`", "```", "\n```python\n", "~~~", "$", "$$", "\n$$\n", "*", "**",
        "_", "==", "~", "~~", "^", "<", ">", "\n> ", "\n- ", "\n1. ", "\n- [x] ", "\n    ", "\n\n", "\n", "  \n", "\\", "&",
        "&lt;", "&#106;", "|", "\n|---|\n", "\n| a | b |\n|---|:-:|\n| ", "\n!!! note ", '\n??? tip "', '"', "'", "\n## ",
        "\n# ", "\n: ", "\n:   ", "\n*[a]: ", "a", "b c", "figure:a", "![](figure:a)", "[](figure:a)", "[](post:a#fig-b)", "](post:a)", "post:", "#fig-", "%22", "</a>", "javascript:", "//",
        "https://a.example", "<script>", "</p>", "\n---\n", "\n===\n", "\\frac", "{", "}", "\\text", "\x02", "\x03", "\u202e",
        "title=", "hl_lines=", "é", "漢", "🙂", "\t", "\r\n", "<https://", "@",
    ]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=300)))
def test_it_holds_its_properties_for_arbitrary_text(text):
    try:
        holds(text)
    except RenderRefused as refused:
        assert str(refused).endswith(".")


def test_it_refuses_what_is_longer_than_the_limit():
    with pytest.raises(RenderRefused, match="200,000"):
        render_isolated("a" * (MAX_CHARACTERS + 1))
