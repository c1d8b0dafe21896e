import re

import pytest

from blog.markup import render, render_isolated
from blog.markup.words import SPOKEN, spoken, words_of

SOURCE = """
## Heading

![](figure:a)

See [](figure:a), [](figure:b) and a note[^1], twice[^1].

!!! warning
    Careful.

??? tip
    Folded.

!!! note "Own"
    Words.

- [x] done
- [ ] not yet

| a | b |
|---|---|
| 1 | 2 |

$$
a^2
$$

[^1]: Note.
"""


def labels(html: str) -> list[str]:
    return re.findall(r'aria-label="([^"]*)"', html)


def test_it_words_what_it_adds_in_the_language_of_the_text():
    html = render(SOURCE, language="de").html
    assert '<a class="figure-ref" href="#fig-a">Abbildung 1</a>' in html
    assert '<span class="figure-ref dangling">Abbildung ?</span>' in html
    assert '<p class="callout-title">Warnung</p>' in html and "<summary>Tipp</summary>" in html
    assert '<p class="callout-title" data-kind="Hinweis">Own</p>' in html
    assert labels(html) == [
        "Link zu diesem Abschnitt: Heading",
        "Fußnote 1",
        "Fußnote 1",
        "Erledigt",
        "Offen",
        "Tabelle 1",
        "Formel 1",
        "Fußnoten",
        "Zurück zum Text von Fußnote 1",
        "Zurück zum Text von Fußnote 1, Stelle 2",
    ]


@pytest.mark.parametrize("language", SPOKEN)
def test_its_gate_lets_every_label_of_every_language_through(language):
    assert len(labels(render(SOURCE, language=language).html)) == 10


@pytest.mark.parametrize(
    ("language", "known"),
    [("en", "en"), ("de-AT", "de"), ("DE", "de"), ("ja-JP", "ja"), ("ar", "en"), ("", "en")],
)
def test_a_language_without_words_of_its_own_borrows_the_english_ones(language, known):
    assert spoken(language) == words_of(language).language == known


def test_borrowed_words_say_whose_they_are():
    html = render(SOURCE, language="ar").html
    assert '<a class="figure-ref" href="#fig-a" lang="en">Figure 1</a>' in html
    assert '<span class="figure-ref dangling" lang="en">Figure ?</span>' in html
    assert (
        '<p class="callout-title" lang="en">Warning</p>' in html
        and '<summary lang="en">Tip</summary>' in html
    )
    assert '<p class="callout-title" data-kind="Note">Own</p>' in html
    assert "lang=" not in render(SOURCE, language="en-GB").html


def test_the_child_is_told_the_language():
    assert render_isolated(SOURCE, language="ja") == render(SOURCE, language="ja")
