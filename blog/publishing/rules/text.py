"""Rules about the text that its rendering has told of: the renderer knows the lines."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import sentences
from .base import Candidate, Judge, Say, Words, rule
from .known import Known
from .severity import ADVISE, BLOCK


@rule(
    "body", field="body", title=gettext_lazy("Text"), severity=BLOCK, why=gettext_lazy("A post is its text.")
)
def body(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.body.strip():
        yield Say(_("The post has no text. Write some."))


def noted(code: str) -> Judge:
    """What the renderer has noted under this code."""

    def told(post: Candidate, known: Known) -> Iterator[Say]:
        for problem in post.facts.get("problems", []):
            if problem["code"] == code:
                yield Say(sentences.of_problem(problem), problem.get("line"))

    return told


HEADINGS = gettext_lazy(
    "Those who hear a page move through it by its headings, and the outline is made of them."
)
FIGURES = gettext_lazy("Numbers, captions and references hang on a figure's key.")
HONEST = gettext_lazy("What is written and what is shown would differ.")
LINKS = gettext_lazy("A link that leads nowhere costs a reader's trust.")
CODE = gettext_lazy("Its colours, and how it is read out, depend on it.")
NOTED: list[tuple[str, Words, str, Words]] = [
    ("heading-one", gettext_lazy("Heading of the first level"), ADVISE, HEADINGS),
    ("heading-deep", gettext_lazy("Heading too deep"), ADVISE, HEADINGS),
    ("heading-skip", gettext_lazy("Order of headings"), ADVISE, HEADINGS),
    ("empty-heading", gettext_lazy("Heading without words"), ADVISE, HEADINGS),
    ("dangling-reference", gettext_lazy("Reference to a figure that is not placed"), BLOCK, FIGURES),
    ("bad-figure-key", gettext_lazy("Key of a figure"), BLOCK, FIGURES),
    ("repeated-figure", gettext_lazy("Figure placed twice"), BLOCK, FIGURES),
    ("figure-in-text", gettext_lazy("Figure within a line"), BLOCK, FIGURES),
    ("figure-text-ignored", gettext_lazy("Words at a figure's place"), ADVISE, HONEST),
    ("foreign-image", gettext_lazy("Picture from elsewhere"), BLOCK,
     gettext_lazy("Pages load nothing from other sites.")),
    ("diagram-without-key", gettext_lazy("Diagram without a key"), BLOCK, FIGURES),
    ("diagram-without-alt", gettext_lazy("Diagram without alternative text"), BLOCK,
     gettext_lazy("Who can't see the diagram must learn what it says.")),
    ("many-diagrams", gettext_lazy("Too many diagrams"), BLOCK,
     gettext_lazy("An editor waits while they are drawn.")),
    ("dangling-anchor", gettext_lazy("Link within the text"), ADVISE, LINKS),
    ("relative-link", gettext_lazy("Link that depends on its page"), ADVISE, LINKS),
    ("refused-link", gettext_lazy("Address that can't be a link"), BLOCK, LINKS),
    ("empty-link", gettext_lazy("Link without words"), ADVISE,
     gettext_lazy("Those who hear a page hear a link's words, and nothing else.")),
    ("bad-post-reference", gettext_lazy("Reference to a post"), BLOCK, LINKS),
    ("many-post-references", gettext_lazy("Too many references"), BLOCK,
     gettext_lazy("Each is looked up whenever the page is read.")),
    ("post-as-image", gettext_lazy("Post as an image"), BLOCK, HONEST),
    ("undefined-footnote", gettext_lazy("Footnote that is not defined"), ADVISE, HONEST),
    ("unused-footnote", gettext_lazy("Footnote that nothing refers to"), ADVISE, HONEST),
    ("hidden-character", gettext_lazy("Invisible character"), ADVISE,
     gettext_lazy("It may turn what follows around, or hide it.")),
    ("bad-maths", gettext_lazy("Formula"), BLOCK, HONEST),
    ("code-without-language", gettext_lazy("Language of code"), ADVISE, CODE),
    ("unknown-language", gettext_lazy("Unknown language of code"), ADVISE, CODE),
]  # fmt: skip
for _code, _title, _severity, _why in NOTED:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(noted(_code))
