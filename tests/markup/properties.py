"""What must hold of any rendering, checked by a parser that has nothing to do with the gate's."""

import re
from collections import Counter
from html.parser import HTMLParser

from blog.markup import Rendered, fill, render

ELEMENTS = {"p", "h2", "h3", "h4", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "hr", "div", "figure",
            "section", "aside", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "a", "abbr",
            "br", "code", "del", "em", "mark", "span", "strong", "sub", "sup",
            "math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
            "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable",
            "mtd", "mtext", "mtr", "munder", "munderover", "none"}  # fmt: skip
ATTRIBUTES = {"href", "title", "aria-label", "class", "id", "role", "tabindex", "open", "data-language",
              "data-figure", "data-kind", "data-post", "data-number", "data-line", "lang", "scope", "start", "display", "alttext", "accent",
              "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "displaystyle", "fence",
              "form", "height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize",
              "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator",
              "stretchy", "symmetric", "voffset", "width"}  # fmt: skip
CLASSES = {"anchor", "figure-ref", "post-ref", "dangling", "footnote-back", "footnote-ref", "footnotes", "callout",
           "callout-title", "callout-note", "callout-tip", "callout-warning", "callout-danger",
           "callout-example", "code", "code-title", "table-scroll", "math-block", "task", "task-box",
           "task-done", "tasks", "align-left", "align-center", "align-right", "hl", "ln", "c", "k", "kt", "s",
           "se", "m", "nf", "nb", "gd", "gi", "gh"}  # fmt: skip
HREF = re.compile(
    r"https?://[^\s/?#\\]|mailto:[^\s@]+@|#|\?|/(?![/\\])|(?![/\\])[^:]*$|(?![/\\])[^:/?#]*[/?#]",
    re.IGNORECASE,
)
REFERENCE = r'<a class="post-ref" data-post="([-\w]+)"(?: data-figure="([a-z0-9-]+)")?(?: title="[^"]*")?>'
ID = re.compile(r"(?:s-[\w-]+|fig-[a-z0-9-]+|fn-\d+|fnref-\d+(?:-\d+)?)$")
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
VOID = {"br", "hr"}
PHRASING_ONLY = {"p", "h2", "h3", "h4", "summary", "a", "em", "strong", "code", "span", "pre"}
BLOCKS = {
    "p",
    "div",
    "figure",
    "ul",
    "ol",
    "dl",
    "table",
    "blockquote",
    "section",
    "aside",
    "details",
    "pre",
    "h2",
    "h3",
    "h4",
}


class Inspector(HTMLParser):
    """Walks the HTML and lists everything that should not be there."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.headings: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]
        self.faults += [
            f"the id {name} stands twice" for name, times in Counter(self.ids).items() if times > 1
        ]

    def handle_starttag(self, tag, attrs):
        if tag not in ELEMENTS:
            self.faults.append(f"the element <{tag}>")
        if tag in BLOCKS and any(parent in PHRASING_ONLY for parent in self.open):
            self.faults.append(f"<{tag}> inside <{'> <'.join(self.open)}>")
        if tag == "a" and "a" in self.open:
            self.faults.append("a link inside a link")
        for name, value in attrs:
            self.attribute(tag, name, value or "")
        if self.open and self.open[-1] == "mspace":
            self.faults.append("<mspace> holds something")
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"an attribute twice on <{tag}>")
        if tag not in VOID:
            self.open.append(tag)

    def attribute(self, tag, name, value):
        if name not in ATTRIBUTES or name.startswith("on"):
            self.faults.append(f"the attribute {name} on <{tag}>")
        if name == "href" and not HREF.match(value):
            self.faults.append(f"the address {value!r}")
        if name == "id":
            self.ids.append(value)
            if not ID.match(value):
                self.faults.append(f"the id {value!r}")
        if name == "class" and not set(value.split()) <= CLASSES:
            self.faults.append(f"the classes {value!r}")
        if name in {"href", "id", "class"} and HIDDEN.search(value):
            self.faults.append(f"a hidden character in {name}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open")

    def handle_comment(self, data):
        self.faults.append("a comment")

    def handle_decl(self, decl):
        self.faults.append("a declaration")

    def handle_pi(self, data):
        self.faults.append("a processing instruction")


def check(rendered: Rendered) -> None:
    """Assert every property of the HTML and of what is told about it."""
    inspector = Inspector(rendered.html)
    assert not inspector.faults, inspector.faults
    assert not HIDDEN.search(rendered.html)
    assert not HIDDEN.search(rendered.text)
    placed = re.findall(r"<figure\b", rendered.html)
    exact = re.findall(
        r'<figure id="fig-([a-z0-9]+(?:-[a-z0-9]+)*)" data-figure="\1" data-number="(\d+)"></figure>',
        rendered.html,
    )
    assert len(placed) == len(exact) == len(rendered.figures)
    assert exact == [(key, str(number)) for number, key in enumerate(rendered.figures, start=1)]
    referred = [(slug, key) for slug, key in re.findall(REFERENCE, rendered.html)]
    assert len(re.findall("data-post=", rendered.html.replace("&quot;", ""))) >= len(referred)
    assert tuple(dict.fromkeys(referred)) == rendered.crossings
    asked: list[tuple[str, str]] = []
    filled = fill(rendered.html, lambda key, number: "", lambda *pair: asked.append(pair))
    assert asked == referred
    assert "data-post" not in re.sub(r'"[^"]*"', '""', re.sub(r"(?<=>)[^<]*", "", filled))
    ids = set(inspector.ids)
    assert {heading.id for heading in rendered.outline} <= ids
    for target in re.findall(r'class="(?:figure-ref|anchor|footnote-back)" href="#([^"]+)"', rendered.html):
        assert target in ids, f"#{target} leads nowhere"
    assert rendered.minutes >= 1
    assert rendered.words >= 0


def holds(source: str) -> Rendered:
    """Render twice, check the properties, and give the rendering."""
    first, second = render(source), render(source)
    assert first == second
    check(first)
    return first
