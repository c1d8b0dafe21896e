import time
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.markup.alternate import Surroundings, alternate, escape, link

PAGE = "https://stratum.example/posts/read-path/"


def refer(slug, key):
    if slug == "gone":
        return "", "a post that is not public"
    return f"https://stratum.example/posts/{slug}/" + (f"#fig-{key}" if key else ""), f"Title of {slug}"


AROUND = Surroundings(
    numbers={"a": 1, "b": 2},
    draw=lambda key, number: [f"![{key}](https://stratum.example/{key}.png)", f"*Figure {number}: caption*"],
    label=lambda number: f"Figure {number}",
    refer=refer,
    resolve=lambda address: urljoin(PAGE, address),
)
A = "![a](https://stratum.example/a.png)\n\n*Figure 1: caption*"


def turned(source):
    return alternate(source, AROUND)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("Text.\n\n![](figure:a)\n\nMore.\n", f"Text.\n\n{A}\n\nMore.\n"),
        (
            "![x](figure:a) ![](figure:b)",
            f"{A}\n\n![b](https://stratum.example/b.png)\n\n*Figure 2: caption*",
        ),
        ("- ![](figure:a)\n- x", "- ![a](https://stratum.example/a.png)\n\n  *Figure 1: caption*\n- x"),
        (
            "!!! note\n    ![](figure:a)",
            "!!! note\n    ![a](https://stratum.example/a.png)\n\n    *Figure 1: caption*",
        ),
        (
            "- one\n\n    ![](figure:a)\n",
            "- one\n\n    ![a](https://stratum.example/a.png)\n\n    *Figure 1: caption*\n",
        ),
        ("> ![](figure:a)", "> ![a](https://stratum.example/a.png)\n>\n> *Figure 1: caption*"),
        ("![](figure:a)\n\n![](figure:a)", f"{A}\n\n[Figure 1]({PAGE}#fig-a)"),
        ("![](figure:unknown)", ""),
        (
            '```mermaid key="a" title="T" alt="x"\ngraph LR\n```',
            f'{A}\n\n```mermaid key="a" title="T" alt="x"\ngraph LR\n```',
        ),
        (
            "> ~~~ mermaid key=a alt=x\n> graph LR\n> ~~~",
            "> ![a](https://stratum.example/a.png)\n>\n> *Figure 1: caption*\n>\n> ~~~ mermaid key=a alt=x\n> graph LR\n> ~~~",
        ),
        (
            '```mermaid key="unknown" alt="x"\ngraph LR\n```',
            '```mermaid key="unknown" alt="x"\ngraph LR\n```',
        ),
        ('```text\n```mermaid key="a"\n```', '```text\n```mermaid key="a"\n```'),
    ],
)
def test_it_draws_what_is_placed(source, wanted):
    assert turned(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("See [](figure:b).", f"See [Figure 2]({PAGE}#fig-b)."),
        ("See [the read path](figure:b).", f"See [the read path]({PAGE}#fig-b)."),
        ("See ![](figure:b) here.", f"See [Figure 2]({PAGE}#fig-b) here."),
        ("See [](figure:nope).", "See ."),
        ("[](post:other)", "[Title of other](https://stratum.example/posts/other/)"),
        ("[](post:other#fig-x)", "[Title of other](https://stratum.example/posts/other/#fig-x)"),
        ("[own *words*](post:other)", "[own *words*](https://stratum.example/posts/other/)"),
        ("[](post:gone) and [words](post:gone)", "a post that is not public and words"),
        ("<post:other>", "[Title of other](https://stratum.example/posts/other/)"),
        ("[x][f]\n\n[f]: figure:b", f"[x]({PAGE}#fig-b)\n\n"),
        ("[f]\n\n[f]: post:other", "[f](https://stratum.example/posts/other/)\n\n"),
    ],
)
def test_it_says_what_is_referred_to(source, wanted):
    assert turned(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("[x](/tag/s3/)", "[x](https://stratum.example/tag/s3/)"),
        ('[x](/tag/s3/ "Title")', '[x](https://stratum.example/tag/s3/ "Title")'),
        ("[x](#s-setup)", f"[x]({PAGE}#s-setup)"),
        ("[`read_page`](/a/)", "[`read_page`](https://stratum.example/a/)"),
        ("[a [b] c](/a/)", "[a [b] c](https://stratum.example/a/)"),
        ("[x](https://en.example/A_(b))", "[x](<https://en.example/A_(b)>)"),
        ("[x][y]\n\n[y]: /a/ 'T'", "[x][y]\n\n[y]: https://stratum.example/a/ 'T'"),
        ("[x](javascript:alert(1))", "x"),
        ("![alt](https://elsewhere.example/x.png)", "[alt](https://elsewhere.example/x.png)"),
        ("text[^1]\n\n[^1]: See [x](/a/).", "text[^1]\n\n[^1]: See [x](https://stratum.example/a/)."),
        ("\\[x](/a/)", "\\[x](/a/)"),
        ("[ ] task [x](/a/)", "[ ] task [x](https://stratum.example/a/)"),
    ],
)
def test_it_makes_addresses_absolute(source, wanted):
    assert turned(source) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "```\n![](figure:a)\n[x](/a/)\n```",
        "~~~~ markdown\n~~~\n[](figure:a)\n~~~\n~~~~",
        "- item\n\n    ```\n    [](figure:a)\n    ```",
        "> ```\n> [x](/a/)\n> ```",
        "Write `![](figure:a)` or ``[x](/a/) ` y``.",
        "A span `that\n[x](/a/) wraps`.",
        "Para.\n\n    ![](figure:a)\n    [x](/a/)\n\nPara.",
        "$[x](y)$ and $$\n[a](b)\n$$",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "Nothing here.  \nA [bracket] and (another).",
        "```\nnever closed [x](/a/)",
    ],
)
def test_it_leaves_code_and_everything_else_alone(source):
    assert turned(source) == source


@given(st.text(alphabet="[]()!`$<>\\ \n-*#a/:^\"'|", max_size=300))
@settings(max_examples=300, deadline=None)
def test_it_never_fails(source):
    alternate(source, AROUND)


@pytest.mark.parametrize(
    "piece", ["[", "![", "[a](", "[[a]", "`", "$a", "[x [y] ", "[a]: ", "<post:", "(((", "[](figure:a"]
)
def test_it_takes_no_longer_for_hostile_text(piece):
    start = time.perf_counter()
    alternate(piece * (100_000 // len(piece)), AROUND)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Reads & writes", "Reads & writes"),
        ("[x](y) *z* `q`", "\\[x\\](y) \\*z\\* \\`q\\`"),
        ("# not\na heading", "\\# not a heading"),
        ("1. one", "1\\. one"),
        ("- x", "\\- x"),
        ("<b>", "\\<b\\>"),
    ],
)
def test_it_escapes_plain_text(text, wanted):
    assert escape(text) == wanted


def test_an_address_with_brackets_is_enclosed():
    assert link("x", "/a (b)") == "[x](</a%20(b)>)"
