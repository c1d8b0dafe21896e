"""The last gate: only what is listed here can be in a page. Nothing rewrites the HTML after it but
`placeholders.fill`.

The grammar emits little and escapes all of it; the gate does not rely on that. It parses the text as a
browser does and writes it anew from the lists below.
"""

from __future__ import annotations

import re

import nh3

from .addresses import is_safe
from .fences import TOKEN_CLASSES
from .formulas import ELEMENTS as MATHS
from .words import SPOKEN, pattern

FLOW = {"p", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "hr", "div", "figure",
        "section", "aside", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
PHRASES = {"a", "abbr", "br", "code", "del", "em", "mark", "span", "strong", "sub", "sup"}
TAGS = FLOW | PHRASES | MATHS

MATHS_ATTRIBUTES = {"accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth",
                    "displaystyle", "fence", "form", "height", "largeop", "linethickness", "lspace",
                    "mathvariant", "maxsize", "minsize", "movablelimits", "notation", "rowlines",
                    "rowspacing", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset",
                    "width"}  # fmt: skip
LENGTHS = {"depth", "height", "lspace", "rspace", "voffset", "width", "minsize", "maxsize"}

ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title", "aria-label", "lang", "data-post", "data-figure"},
    "abbr": {"title"},
    "aside": {"role"},
    "details": {"open"},
    "div": {"tabindex", "role", "aria-label", "data-language"},
    "figure": {"id", "data-figure", "data-number"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "li": {"id"},
    "math": {"display", "alttext"},
    "ol": {"start"},
    "p": {"lang", "data-kind"},
    "pre": {"tabindex"},
    "section": {"aria-label"},
    "span": {"role", "aria-label", "lang", "data-line"},
    "summary": {"lang", "data-kind"},
    "sup": {"id"},
    "th": {"scope"},
    **{tag: set(MATHS_ATTRIBUTES) for tag in MATHS - {"math"}},
}

ALIGN = {"align-left", "align-center", "align-right"}
CALLOUTS = {"callout", *(f"callout-{kind}" for kind in ("note", "tip", "warning", "danger", "example"))}
CLASSES: dict[str, set[str]] = {
    "a": {"anchor", "figure-ref", "footnote-back", "post-ref"},
    "aside": CALLOUTS,
    "details": CALLOUTS,
    "div": {"code", "table-scroll", "math-block"},
    "li": {"task"},
    "p": {"callout-title", "code-title"},
    "section": {"footnotes"},
    "span": {"figure-ref", "dangling", "hl", "ln", "task-box", "task-done", *TOKEN_CLASSES},
    "sup": {"footnote-ref"},
    "td": ALIGN,
    "th": ALIGN,
    "ul": {"tasks"},
}

KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
ID = {
    "figure": re.compile(rf"fig-{KEY}"),
    "li": re.compile(r"fn-\d+"),
    "sup": re.compile(r"fnref-\d+(?:-\d+)?"),
}
HEADING_ID = re.compile(r"s-[\w-]+")
LENGTH = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:em|ex|px|pt|cm|mm|in|mu|%)?")
WORDS = re.compile(r"[a-z0-9.+ -]{0,200}", re.IGNORECASE)
VALUES = {
    "role": re.compile("region|group|note|img"),
    "tabindex": re.compile("0"),
    "lang": re.compile("|".join(SPOKEN)),
    "scope": re.compile("col"),
    "open": re.compile("(?:open)?"),
    "display": re.compile("block|inline"),
    "start": re.compile(r"\d{1,9}"),
    "data-kind": re.compile("|".join(kind for words in SPOKEN.values() for kind in words.callouts)),
    "data-line": re.compile(r"\d{1,7}"),
    "data-number": re.compile(r"[1-9]\d{0,5}"),
    "data-figure": re.compile(KEY),
    "data-post": re.compile(r"[-\w]{1,200}"),
    "data-language": re.compile(r"[^<>&\"']{1,60}"),
    **dict.fromkeys(MATHS_ATTRIBUTES, WORDS),
    **dict.fromkeys(LENGTHS, LENGTH),
}
LABELS = {
    "a": pattern("section", "footnote", "back", "back_place"),
    "div": pattern("table", "formula"),
    "section": pattern("footnotes"),
    "span": pattern("done", "to_do"),
}


def _judge(tag: str, name: str, value: str) -> str | None:
    """The value when this attribute may stand on this element with it, else None."""
    if name == "href":
        return value if is_safe(value) else None
    if name in {"class", "title", "alttext"}:
        return value
    if name == "id":
        pattern = ID.get(tag, HEADING_ID)
    elif name == "aria-label":
        pattern = LABELS.get(tag, LABELS["section"])
    else:
        pattern = VALUES[name]
    return value if pattern.fullmatch(value) else None


_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={
        "script",
        "style",
        "iframe",
        "object",
        "template",
        "noscript",
        "annotation-xml",
        "svg",
    },
    attributes=ATTRIBUTES,
    attribute_filter=_judge,
    allowed_classes=CLASSES,
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
    strip_comments=True,
)


def clean(html: str) -> str:
    """The HTML with only the elements, attributes, classes and addresses listed in this module."""
    return _cleaner.clean(html)
