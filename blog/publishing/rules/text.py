"""Rules about the text that its rendering has told of: the renderer knows the lines."""

from __future__ import annotations

from collections.abc import Iterator

from .base import Candidate, Judge, Say, rule
from .known import Known
from .severity import ADVISE, BLOCK


@rule("body", field="body", title="Text", severity=BLOCK, why="A post is its text.")
def body(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.body.strip():
        yield Say("The post has no text. Write some.")


def noted(code: str) -> Judge:
    """What the renderer has noted under this code."""

    def told(post: Candidate, known: Known) -> Iterator[Say]:
        for problem in post.facts.get("problems", []):
            if problem["code"] == code:
                yield Say(problem["message"], problem.get("line"))

    return told


HEADINGS = "Those who hear a page move through it by its headings, and the outline is made of them."
FIGURES = "Numbers, captions and references hang on a figure's key."
HONEST = "What is written and what is shown would differ."
LINKS = "A link that leads nowhere costs a reader's trust."
CODE = "Its colours, and how it is read out, depend on it."
NOTED: list[tuple[str, str, str, str]] = [
    ("heading-one", "Heading of the first level", ADVISE, HEADINGS),
    ("heading-deep", "Heading too deep", ADVISE, HEADINGS),
    ("heading-skip", "Order of headings", ADVISE, HEADINGS),
    ("empty-heading", "Heading without words", ADVISE, HEADINGS),
    ("dangling-reference", "Reference to a figure that is not placed", BLOCK, FIGURES),
    ("bad-figure-key", "Key of a figure", BLOCK, FIGURES),
    ("repeated-figure", "Figure placed twice", BLOCK, FIGURES),
    ("figure-in-text", "Figure within a line", BLOCK, FIGURES),
    ("figure-text-ignored", "Words at a figure's place", ADVISE, HONEST),
    ("foreign-image", "Picture from elsewhere", BLOCK, "Pages load nothing from other sites."),
    ("diagram-without-key", "Diagram without a key", BLOCK, FIGURES),
    ("diagram-without-alt", "Diagram without alternative text", BLOCK,
     "Who can't see the diagram must learn what it says."),
    ("many-diagrams", "Too many diagrams", BLOCK, "An editor waits while they are drawn."),
    ("dangling-anchor", "Link within the text", ADVISE, LINKS),
    ("relative-link", "Link that depends on its page", ADVISE, LINKS),
    ("refused-link", "Address that can't be a link", BLOCK, LINKS),
    ("empty-link", "Link without words", ADVISE, "Those who hear a page hear a link's words, and nothing else."),
    ("bad-post-reference", "Reference to a post", BLOCK, LINKS),
    ("many-post-references", "Too many references", BLOCK, "Each is looked up whenever the page is read."),
    ("post-as-image", "Post as an image", BLOCK, HONEST),
    ("undefined-footnote", "Footnote that is not defined", ADVISE, HONEST),
    ("unused-footnote", "Footnote that nothing refers to", ADVISE, HONEST),
    ("hidden-character", "Invisible character", ADVISE, "It may turn what follows around, or hide it."),
    ("bad-maths", "Formula", BLOCK, HONEST),
    ("code-without-language", "Language of code", ADVISE, CODE),
    ("unknown-language", "Unknown language of code", ADVISE, CODE),
]  # fmt: skip
for _code, _title, _severity, _why in NOTED:
    rule(_code, field="body", title=_title, why=_why, severity=_severity)(noted(_code))
