"""The words that a rendering adds to those of its author, in the language of the text.

They are stored with it, so they are chosen when the text is saved. What is drawn beside them when a page is read takes
its words from the catalogue of the same language (`spoken`), so that “Figure 2” below a picture and “Figure 2” in a
sentence agree. To add a language: a catalogue in blog/locale, and its entry in SPOKEN.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

KINDS = ("note", "tip", "warning", "danger", "example")


@dataclass(frozen=True)
class Words:
    """`{n}` is a number, `{place}` which of several mentions of a note, `{title}` a heading. `callouts` are the titles
    of callouts without one, in the order of KINDS. `borrowed`: the text is in a language that has no entry."""

    language: str
    figure: str
    table: str
    formula: str
    footnotes: str
    footnote: str
    back: str
    back_place: str
    section: str
    done: str
    to_do: str
    callouts: tuple[str, ...]
    borrowed: bool = field(default=False, compare=False)

    def callout(self, kind: str) -> str:
        return self.callouts[KINDS.index(kind)]

    def mark(self, element: Element) -> None:
        """Say of an element that holds nothing but these words that its language is not the text's."""
        if self.borrowed:
            element.set("lang", self.language)


ENGLISH = Words(
    language="en",
    figure="Figure {n}",
    table="Table {n}",
    formula="Formula {n}",
    footnotes="Footnotes",
    footnote="Footnote {n}",
    back="Back to the text from footnote {n}",
    back_place="Back to the text from footnote {n}, place {place}",
    section="Link to this section: {title}",
    done="Done",
    to_do="To do",
    callouts=("Note", "Tip", "Warning", "Danger", "Example"),
)
GERMAN = Words(
    language="de",
    figure="Abbildung {n}",
    table="Tabelle {n}",
    formula="Formel {n}",
    footnotes="Fußnoten",
    footnote="Fußnote {n}",
    back="Zurück zum Text von Fußnote {n}",
    back_place="Zurück zum Text von Fußnote {n}, Stelle {place}",
    section="Link zu diesem Abschnitt: {title}",
    done="Erledigt",
    to_do="Offen",
    callouts=("Hinweis", "Tipp", "Warnung", "Gefahr", "Beispiel"),
)
JAPANESE = Words(
    language="ja",
    figure="図{n}",
    table="表{n}",
    formula="数式{n}",
    footnotes="脚注",
    footnote="脚注{n}",
    back="脚注{n}から本文に戻る",
    back_place="脚注{n}から本文に戻る（{place}か所目）",
    section="このセクションへのリンク：{title}",
    done="完了",
    to_do="未完了",
    callouts=("補足", "ヒント", "警告", "危険", "例"),
)
SPOKEN = {words.language: words for words in (ENGLISH, GERMAN, JAPANESE)}


def spoken(language: str) -> str:
    """The language whose words stand in a text in `language` (a tag such as `de-AT`): its own, or English."""
    primary = language.lower().partition("-")[0]
    return primary if primary in SPOKEN else ENGLISH.language


def words_of(language: str) -> Words:
    """The words for a text in `language`."""
    words = SPOKEN[spoken(language)]
    return words if language.lower().partition("-")[0] == words.language else replace(words, borrowed=True)


def pattern(*names: str) -> re.Pattern[str]:
    """What these words can be in any language, with anything that may be filled in."""
    return re.compile("|".join(_patterns(names)), re.DOTALL)


def _patterns(names: Iterable[str]) -> Iterable[str]:
    for words in SPOKEN.values():
        for name in names:
            said = re.escape(getattr(words, name))
            for slot, filling in (("n", r"\d+"), ("place", r"\d+"), ("title", ".+")):
                said = said.replace(re.escape(f"{{{slot}}}"), filling)
            yield said
