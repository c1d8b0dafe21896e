"""Code blocks: from the fence's first line to lines of classed spans. Classes only, never a style.

Pygments' hundred token types are folded into the few that the stylesheet tells apart, and neighbours of
one class share a span: a fifth of the HTML that its own formatter writes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import Token

from .ledger import Ledger

FOLDED: list[tuple[Any, str]] = [  # the first ancestor listed decides
    (Token.Comment.Preproc, "k"),
    (Token.Comment, "c"),
    (Token.Keyword.Constant, "m"),
    (Token.Keyword.Type, "kt"),
    (Token.Keyword, "k"),
    (Token.Name.Attribute, "kt"),
    (Token.Name.Builtin, "nb"),
    (Token.Name.Class, "nf"),
    (Token.Name.Constant, "m"),
    (Token.Name.Decorator, "kt"),
    (Token.Name.Exception, "nf"),
    (Token.Name.Function, "nf"),
    (Token.Name.Tag, "k"),
    (Token.Name.Variable, "nb"),
    (Token.Literal.Number, "m"),
    (Token.Literal.String.Escape, "se"),
    (Token.Literal.String.Interpol, "se"),
    (Token.Literal.String.Regex, "se"),
    (Token.Literal.String, "s"),
    (Token.Literal, "s"),
    (Token.Operator.Word, "k"),
    (Token.Generic.Deleted, "gd"),
    (Token.Generic.Inserted, "gi"),
    (Token.Generic.Heading, "gh"),
    (Token.Generic.Subheading, "gh"),
    (Token.Generic.Prompt, "c"),
    (Token.Generic.Strong, "gh"),
    (Token.Generic.Error, "gd"),
    (Token.Generic.Traceback, "gd"),
]
TOKEN_CLASSES = frozenset(name for _, name in FOLDED)
PLAIN = frozenset({"text", "txt", "plain", "plaintext", "none", "output"})
NUMBERS = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")


@functools.cache
def _class_of(token: Any) -> str:
    return next((name for ancestor, name in FOLDED if token in ancestor), "")


@functools.cache
def languages() -> dict[str, str]:
    """Every alias Pygments knows, in lower case, with the language's name. Plug-ins from other packages
    are left out.
    """
    return {alias.lower(): name for name, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}


def marked_lines(text: str) -> set[int]:
    """The line numbers that `2 4-5` names; what is not a number is ignored, a range covers at most 10,000
    lines.
    """
    found: set[int] = set()
    for first, last in NUMBERS.findall(text):
        found.update(range(int(first), min(int(last or first), int(first) + 10_000) + 1))
    return found


def tokens(code: str, language: str) -> Iterator[tuple[str, str]]:
    """Pieces of the code as (class, text); the class is empty where no colour is meant."""
    if language not in languages():
        yield "", code
        return
    lexer = get_lexer_by_name(language, stripnl=False, stripall=False, ensurenl=True)
    held = ""
    text: list[str] = []
    for kind, piece in lexer.get_tokens(code):
        name = _class_of(kind)
        if name != held and piece.strip():
            if text:
                yield held, "".join(text)
            held, text = name, []
        text.append(piece)
    if text:
        yield held, "".join(text)


def code_lines(code: str, language: str) -> list[list[tuple[str, str]]]:
    """The same pieces line by line, without the line ends. Colours are given up before a character is lost."""
    pieces = list(tokens(code, language))
    if "".join(text for _, text in pieces).rstrip("\n") != code:
        pieces = [("", code)]
    lines: list[list[tuple[str, str]]] = [[]]
    for name, text in pieces:
        first, *others = text.split("\n")
        if first:
            lines[-1].append((name, first))
        for other in others:
            lines.append([(name, other)] if other else [])
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return lines


def build(fence: Element, ledger: Ledger) -> str:
    """Turn a `fence` element of the grammar into its block in place; gives the code's text.

    The element's text is the code; its attributes are `language`, `title`, `hl_lines`, `linenums`, `line`.
    """
    code = (fence.text or "").rstrip().lstrip("\n")
    asked = fence.attrib.copy()
    language, line = asked.get("language", "").lower(), int(asked.get("line", "0")) or None
    if not language:
        if line:
            ledger.note("code-without-language", line, line=str(line))
        else:
            ledger.note("code-without-language.somewhere")
    elif language not in languages() and language not in PLAIN:
        if line:
            ledger.note("unknown-language", line, line=str(line), language=language[:40])
        else:
            ledger.note("unknown-language.somewhere", language=language[:40])
    fence.clear()
    fence.tag = "div"
    fence.set("class", "code")
    if language in languages() and language not in PLAIN:
        fence.set("data-language", languages()[language][:60])
    if asked.get("title", "").strip():
        title = SubElement(fence, "p", {"class": "code-title"})
        title.text = AtomicString(asked["title"].strip())
    marked = marked_lines(asked.get("hl_lines", ""))
    start = NUMBERS.match(asked.get("linenums", ""))
    inner = SubElement(SubElement(fence, "pre", {"tabindex": "0"}), "code")
    lines = code_lines(code, language)
    for number, pieces in enumerate(lines, start=1):
        target = SubElement(inner, "span", {"class": "hl"}) if number in marked else inner
        if start:
            SubElement(target, "span", {"class": "ln", "data-line": str(int(start[1]) + number - 1)})
        for name, text in pieces:
            _append(target, name, text)
        if number < len(lines):
            _append(target, "", "\n")
    return code


def _append(parent: Element, name: str, text: str) -> None:
    if name:
        SubElement(parent, "span", {"class": name}).text = text
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
