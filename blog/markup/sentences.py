"""Every sentence that this room says to an editor, by name: why a text is refused, and what should be mended in it.

A problem's sentence is named for its code; where one code has several, a dot and a word follow. The room itself speaks
English. Whoever shows a sentence in another language takes its name and its values instead, and looks it up in a
catalogue, where the English is the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Values: TypeAlias = "Mapping[str, str | int | float]"
"""What is filled into a sentence. Numbers are written with separators, which differ by language; a number that is to
stand as it is, such as that of a line, is given as a string."""


def gettext_noop(words: str) -> str:
    """Marks words for `make messages`, which gathers them; nothing is looked up here."""
    return words


REFUSALS = {
    "too-long": gettext_noop(
        "The text has {characters} characters; {most} can be rendered. Split it into two posts, for example as parts "
        "of a series."
    ),
    "nul": gettext_noop(
        "Line {line} holds a NUL character, which no text should: the copy or the file it came from is damaged. Delete "
        "that line and type it again."
    ),
    "half-character": gettext_noop(
        "Line {line} holds half of a surrogate pair, which no text should: the copy or the file it came from is "
        "damaged. Delete that line and type it again."
    ),
    "too-deep": gettext_noop(
        "Something in the text is nested more than {most} deep: quotes, lists, brackets or emphasis. If it is pasted "
        "data or code, put it between two lines of ```; otherwise flatten it."
    ),
    "table-too-large": gettext_noop(
        "A table has {cells} cells; {most} can be shown. Split it, or publish the data as a file."
    ),
    "page-too-long": gettext_noop(
        "The text turns into a page of more than eight million characters. Look for a very large table, or for one "
        "piece pasted many times, and shorten it."
    ),
    "too-slow": gettext_noop(
        "The text could not be rendered within {seconds} seconds. Something in it is very hard to read for the "
        "renderer: look for pasted data or code that is not between two lines of ```, or for thousands of brackets or "
        "symbols in a row."
    ),
    "busy": gettext_noop(
        "Other texts are being rendered and this one had to wait too long. Try again in a moment."
    ),
    "memory": gettext_noop(
        "The text needs more memory to render than is allowed. Look for a very large table or list."
    ),
    "died": gettext_noop(
        "The text ended the process that renders it, most likely for want of memory. Look for a very large table, list "
        "or code block, and shorten it."
    ),
    "fault": gettext_noop(
        "The text cannot be rendered because of a fault in the renderer, which has been logged. Take out the part you "
        "changed last, and tell whoever runs this site."
    ),
}
PROBLEMS = {
    "hidden-character": gettext_noop(
        "Line {line} holds the invisible character {character}; it was left out. To write about it, write "
        "“{character}”."
    ),
    "empty-heading": gettext_noop(
        "A heading has no words, so it was left out. Write its words or delete the line."
    ),
    "heading-one": gettext_noop(
        "“{title}” is a heading of the first level, which is the post's title; it is shown as ##. Begin it with ##."
    ),
    "heading-deep": gettext_noop(
        "“{title}” is a heading of level {level}; #### is the deepest. It is shown as ####."
    ),
    "heading-skip": gettext_noop(
        "“{title}” is a heading of level {level} below one of level {above}. Begin it with {marks}, so that no level "
        "is missing."
    ),
    "figure-in-text": gettext_noop(
        "The figure “{key}” stands inside other text. Put ![](figure:{key}) on a line of its own, with an empty line "
        "before and after it."
    ),
    "figure-text-ignored": gettext_noop(
        "The words between the brackets of ![…](figure:{key}) are not shown: alternative text and caption belong to "
        "the figure itself. Edit them there."
    ),
    "repeated-figure": gettext_noop(
        "The figure “{key}” is placed twice; the second is shown as a reference. Write [](figure:{key}) to refer to it."
    ),
    "repeated-figure.diagram": gettext_noop(
        "Two diagrams have the key “{key}”; the second is shown as code. Give it a key of its own."
    ),
    "bad-figure-key": gettext_noop(
        "“{target}” does not name a figure. A figure's key has small letters, digits and single hyphens, for example "
        "figure:read-path."
    ),
    "bad-figure-key.diagram": gettext_noop(
        "“{key}” can't be a diagram's key. Use up to {most} small letters, digits and single hyphens, such as "
        "read-path."
    ),
    "dangling-reference": gettext_noop(
        "The figure “{key}” is referred to but not placed in this text. Put ![](figure:{key}) on a line of its own, or "
        "take the reference out."
    ),
    "diagram-without-key": gettext_noop(
        "A diagram has no key, so nothing can refer to it. Begin it like this: {example}. To show its text as code, "
        "write ```text."
    ),
    "diagram-without-alt": gettext_noop(
        "The diagram “{key}” has no alternative text. Say what it shows, as here: {example}."
    ),
    "diagram-without-alt.repeated": gettext_noop(
        "The alternative text of the diagram “{key}” repeats its title, which is read out anyway; say what there is to "
        "see."
    ),
    "many-diagrams": gettext_noop(
        "A text can have {most} diagrams; the rest are shown as code. Move some to a second part."
    ),
    "code-without-language": gettext_noop(
        "The code block at line {line} names no language. Write one after the backticks, for example ```python, or "
        "```text for plain text."
    ),
    "code-without-language.somewhere": gettext_noop(
        "A code block names no language. Write one after the backticks, for example ```python, or ```text for plain "
        "text."
    ),
    "unknown-language": gettext_noop(
        "The code block at line {line} names the language “{language}”, which is not known; it is shown without "
        "colours. Use a known name, or text."
    ),
    "unknown-language.somewhere": gettext_noop(
        "A code block names the language “{language}”, which is not known; it is shown without colours. Use a known "
        "name, or text."
    ),
    "bad-post-reference": gettext_noop(
        "“{address}” does not name a post. Write post: and the post's slug, and for one of its figures #fig- and the "
        "figure's key: [](post:read-path#fig-cache)."
    ),
    "many-post-references": gettext_noop(
        "The text refers to more than {most} different posts and figures; the rest have no links. Link to a listing "
        "instead."
    ),
    "post-as-image": gettext_noop(
        "The image {address} names a post, so it is shown as a reference. Take the exclamation mark away; to show "
        "another post's figure here, write ![](figure:its-key)."
    ),
    "foreign-image": gettext_noop(
        "The image {address} is not in the figure library, so it is shown as a link. Upload it as a figure and write "
        "![](figure:its-key)."
    ),
    "relative-link": gettext_noop(
        "The link to {address} depends on the page it is read on. Begin it with https:// or, for a page of this site, "
        "with /."
    ),
    "empty-link": gettext_noop("The link to {address} has no text. Write some between [ and ]."),
    "dangling-anchor": gettext_noop(
        "The link to {address} leads to no heading, figure or footnote of this text. Headings are linked by their "
        "words: #like-this."
    ),
    "refused-link": gettext_noop(
        "The link to {address} is not an address that can be followed safely; its text is shown without a link. Use "
        "https://, mailto: or an address that begins with /."
    ),
    "refused-link.empty": gettext_noop(
        "A link has no address; its text is shown without a link. Use https://, mailto: or an address that begins with "
        "/."
    ),
    "refused-link.scheme": gettext_noop(
        "A link uses the scheme “{scheme}:”, which is not allowed; its text is shown without a link. Use https://, "
        "mailto: or an address that begins with /."
    ),
    "bad-maths": gettext_noop(
        "The formula “{formula}” cannot be read: {reason}. It is shown as code until that is mended."
    ),
    "undefined-footnote": gettext_noop(
        "[^{name}] refers to a footnote that is not defined. Add a line that begins with [^{name}]: and its text."
    ),
    "unused-footnote": gettext_noop(
        "The footnote [^{name}] is defined but nothing refers to it, so it is not shown. Refer to it or delete it."
    ),
}
SENTENCES = REFUSALS | PROBLEMS

REASONS = {
    "long": gettext_noop("it is longer than {most} characters"),
    "unsafe": gettext_noop("it uses {command}, which is not for formulas here"),
    "nested": gettext_noop("its braces nest more than {most} deep"),
    "braces": gettext_noop("its braces do not match"),
    "construct": gettext_noop("it uses a construct that cannot be shown"),
    "lacking": gettext_noop("something that a command needs is missing"),
    "character": gettext_noop("it names a character that does not exist"),
    "unfinished": gettext_noop("something is missing at its end"),
    "deep": gettext_noop("it is nested too deeply"),
    "NumeratorNotFoundError": gettext_noop("a fraction has no numerator"),
    "DenominatorNotFoundError": gettext_noop("a fraction has no denominator"),
    "ExtraLeftOrMissingRightError": gettext_noop("\\left and \\right do not come in pairs"),
    "MissingSuperScriptOrSubscriptError": gettext_noop(
        "nothing stands above or below, where something should"
    ),
    "DoubleSubscriptsError": gettext_noop("something has two subscripts"),
    "DoubleSuperscriptsError": gettext_noop("something has two superscripts"),
    "MissingEndError": gettext_noop("\\begin has no \\end"),
    "LimitsMustFollowMathOperatorError": gettext_noop("\\limits stands behind what has no limits"),
    "other": gettext_noop("something in it is not understood"),
}
"""Why a formula can't be read: what `bad-maths` is given as its reason. Some are named for the parser's exceptions."""


def say(
    sentence: str,
    values: Values,
    *,
    translate: Callable[[str], str] = str,
    number: Callable[[float], str] = "{:,}".format,
) -> str:
    """The sentence of this name: in English, unless it is told how to translate, and how numbers are written."""
    written = {name: value if isinstance(value, str) else number(value) for name, value in values.items()}
    if "reason" in written:
        written["reason"] = translate(REASONS[written["reason"]]).format(**written)
    return translate(SENTENCES[sentence]).format(**written)
