"""Rules about the rendered page, for those who hear it, enlarge it, or move through it by keyboard (WCAG 2.2).

The renderer prevents most of this; the stored page is judged all the same, whatever wrote it. Contrast inside diagrams
is left out: no program can tell what in a picture is meant to be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .base import Candidate, Say, rule
from .known import Known
from .page import FILLED_LATER, OWN
from .severity import BLOCK

# Words that say nothing of where a link leads, in the languages of our texts (WCAG 2.4.4 and 2.4.9).
VAGUE = {
    "en": {"here", "click here", "click", "this", "this link", "link", "more", "read more", "see more", "learn more",
           "this page", "this post", "this article", "see here", "there", "go", "details"},
    "de": {"hier", "klicken sie hier", "klick hier", "dieser link", "link", "mehr", "weiterlesen", "mehr erfahren",
           "siehe hier", "dort", "diese seite", "details"},
    "ja": {"こちら", "ここ", "リンク", "続きを読む", "詳細", "もっと見る", "詳しくはこちら"},
}  # fmt: skip


@rule(
    "vague-link", field="body", title=gettext_lazy("Link words"),
    why=gettext_lazy("Those who hear a page jump from link to link and hear these words alone (WCAG 2.4.4)."),
)  # fmt: skip
def vague_link(post: Candidate, known: Known) -> Iterator[Say]:
    spoken = post.language.lower().partition("-")[0]
    words = VAGUE["en"] | VAGUE.get(spoken, set())
    for link in post.page.links:
        if link.classes & (FILLED_LATER | OWN) or link.attributes.get("href", "").startswith("#fn"):
            continue
        if _bare(link.name) in words:
            yield Say(
                _(
                    "The link “{name}” does not say where it leads. Name what is behind it, such as the title of "
                    "the page."
                ).format(name=link.name),
                post.line_of(f"[{link.name}]"),
            )


def _bare(words: str) -> str:
    return re.sub(r"[^\w\s]+", "", words).strip().casefold()


@rule("nameless-link", field="body", title=gettext_lazy("Link or button without a name"), severity=BLOCK,
      why=gettext_lazy("It is announced as “link”, and nobody knows to what (WCAG 4.1.2)."))  # fmt: skip
def nameless_link(post: Candidate, known: Known) -> Iterator[Say]:
    for part in (*post.page.links, *post.page.buttons):
        if not part.name and not part.classes & FILLED_LATER:
            target = part.attributes.get("href", "")
            if target:
                said = _("The link to {target} has no words. Write some between [ and ].").format(
                    target=target[:80]
                )
            elif part.tag == "a":
                said = _("A link has no words. Write some between [ and ].")
            else:
                said = _("A button has no words. Write some between [ and ].")
            yield Say(said, post.line_of(target))


@rule("table-without-headers", field="body", title=gettext_lazy("Heading cells of a table"),
      why=gettext_lazy("In a table without them, those who hear it get numbers without meaning "
                       "(WCAG 1.3.1)."))  # fmt: skip
def table_without_headers(post: Candidate, known: Known) -> Iterator[Say]:
    for number, (heads, cells) in enumerate(post.page.tables, start=1):
        if cells and not any(heads):
            yield Say(
                _(
                    "Table {number} has no words in its first line. Name each column there, above the line of "
                    "dashes."
                ).format(number=number)
            )


@rule("image-without-alt", field="body", title=gettext_lazy("Image without a description"), severity=BLOCK,
      why=gettext_lazy("It is announced by its file's name (WCAG 1.1.1)."))  # fmt: skip
def image_without_alt(post: Candidate, known: Known) -> Iterator[Say]:
    for image in post.page.images:
        if "alt" not in image.attributes:
            yield Say(
                _(
                    "The image {address} has no description. Put it into the library as a figure, and write "
                    "![](figure:its-key)."
                ).format(address=image.attributes.get("src", "")[:80])
            )


@rule("duplicate-id", field="body", title=gettext_lazy("Two places with one name"), severity=BLOCK,
      why=gettext_lazy("A link to that place leads to the first only."))  # fmt: skip
def duplicate_id(post: Candidate, known: Known) -> Iterator[Say]:
    for name, times in Counter(post.page.ids).items():
        if times > 1:
            yield Say(
                _(
                    "{times} places of the page are named “{name}”. Change the words of a heading or a figure's "
                    "key, and save the post again."
                ).format(times=times, name=name[:80])
            )


@rule("heading-order", field="body", title=gettext_lazy("Order of headings on the page"),
      why=gettext_lazy("Those who hear a page move through it by its headings (WCAG 1.3.1)."))  # fmt: skip
def heading_order(post: Candidate, known: Known) -> Iterator[Say]:
    if any(one["code"] == "heading-skip" for one in post.facts.get("problems", [])):
        return  # the renderer has said so, with the line
    before = 1
    for heading in post.page.headings:
        level = int(heading.tag[1])
        if not heading.name:
            yield Say(_("A heading of the page has no words. Write its words, or delete its line."))
        elif level > before + 1:
            yield Say(
                _(
                    "“{name}” is a heading of level {level} below one of level {before}. Begin it with {signs}, "
                    "so that no level is missing."
                ).format(name=heading.name[:60], level=level, before=before, signs="#" * (before + 1)),
                post.line_of(f"# {heading.name}"),
            )
        before = level
