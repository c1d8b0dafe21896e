"""Maths: LaTeX in, MathML elements out, by latex2mathml. What cannot be read is shown as its source.

latex2mathml writes text with `<` resolved, so its string output must never be used: the element tree is
taken, and only elements and attributes that are listed leave this module.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown.util import AtomicString

from .ledger import Ledger
from .sentences import REASONS

MAX_LENGTH = 4_000
MAX_BRACES = 24
REFERENCE = re.compile(r"&#x([0-9a-fA-F]+);")
BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
UNSAFE = re.compile(r"\\(?:href|class|style|unicode|url|includegraphics|html\w*)(?![a-zA-Z])")
ELEMENTS = frozenset({"math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded",
                      "mphantom", "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub",
                      "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
                      "none"})  # fmt: skip
CHILDREN = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
"""How many each must have; with fewer a browser shows an error, with more it shows nothing sensible."""
DROPPED = frozenset({"class", "style", "href", "id", "xmlns", "mathcolor", "mathbackground"})
# MathML Core knows only mathvariant="normal"; browsers draw the others from Unicode's mathematical letters
# (Unicode 16, block U+1D400). Each entry: first capital, first small letter, first digit (0: none).
VARIANTS = {
    "bold": (0x1D400, 0x1D41A, 0x1D7CE),
    "bold-italic": (0x1D468, 0x1D482, 0),
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, 0),
    "fraktur": (0x1D504, 0x1D51E, 0),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
# Holes of that block: these letters were encoded earlier, in U+2100.
LETTERLIKE = {
    0x1D49D: 0x212C, 0x1D4A0: 0x2130, 0x1D4A1: 0x2131, 0x1D4A3: 0x210B, 0x1D4A4: 0x2110, 0x1D4A7: 0x2112,
    0x1D4A8: 0x2133, 0x1D4AD: 0x211B, 0x1D4BA: 0x212F, 0x1D4BC: 0x210A, 0x1D4C4: 0x2134, 0x1D506: 0x212D,
    0x1D50B: 0x210C, 0x1D50C: 0x2111, 0x1D515: 0x211C, 0x1D51D: 0x2128, 0x1D53A: 0x2102, 0x1D53F: 0x210D,
    0x1D545: 0x2115, 0x1D547: 0x2119, 0x1D548: 0x211A, 0x1D549: 0x211D, 0x1D551: 0x2124,
}  # fmt: skip


class Unreadable(Exception):
    """The formula cannot be turned into MathML; `why` is one of REASONS, `values` fill it."""

    def __init__(self, why: str, /, **values: str | int) -> None:
        super().__init__(why)
        self.why, self.values = why, values


def convert(latex: str, *, block: bool) -> Element:
    """The formula as a `math` element with its source in `alttext`. Raises Unreadable."""
    if len(latex) > MAX_LENGTH:
        raise Unreadable("long", most=MAX_LENGTH)
    unsafe = UNSAFE.search(latex)
    if unsafe:
        raise Unreadable("unsafe", command=unsafe[0])
    depth = 0
    for brace in BRACE.findall(latex):
        depth += (brace == "{") - (brace == "}")
        if depth > MAX_BRACES:
            raise Unreadable("nested", most=MAX_BRACES)
        if depth < 0:
            break
    if depth:
        raise Unreadable("braces")
    try:
        element = convert_to_element(latex, display="block" if block else "inline")
    except (
        Exception
    ) as error:  # latex2mathml raises its own errors, and IndexError or KeyError for what it did not foresee
        raise _unreadable(error) from error
    _settle(element, 0)
    element.attrib = {"display": "block" if block else "inline", "alttext": latex.strip()}
    return element


def _unreadable(error: Exception) -> Unreadable:
    """The parser raises its own errors, and others for what it did not foresee."""
    known = {"StopIteration": "unfinished", "NoAvailableTokensError": "unfinished", "RecursionError": "deep"}
    name = type(error).__name__
    why = known.get(name, name)
    return Unreadable(why if why in REASONS else "other")


def _settle(element: Element, depth: int) -> None:
    if element.tag not in ELEMENTS or depth > 40:
        raise Unreadable("construct")
    if len(element) != CHILDREN.get(element.tag, len(element)):
        raise Unreadable("lacking")
    for name in DROPPED & element.attrib.keys():
        del element.attrib[name]
    variant = element.attrib.pop("mathvariant", "")
    text = REFERENCE.sub(lambda found: _character(int(found[1], 16)), element.text or "")
    if variant in VARIANTS:
        text = "".join(_styled(character, *VARIANTS[variant]) for character in text)
    elif variant == "normal" and element.tag == "mi":
        element.set("mathvariant", "normal")
    element.text = AtomicString(text) if text else None
    for child in element:
        _settle(child, depth + 1)
        child.tail = None


def _character(code: int) -> str:
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Unreadable("character")
    return chr(code)


def _styled(character: str, capital: int, small: int, digit: int) -> str:
    if "A" <= character <= "Z":
        code = capital + ord(character) - ord("A")
    elif "a" <= character <= "z":
        code = small + ord(character) - ord("a")
    elif "0" <= character <= "9" and digit:
        code = digit + ord(character) - ord("0")
    else:
        return character
    return chr(LETTERLIKE.get(code, code))


def build(formula: Element, ledger: Ledger, number: int) -> None:
    """Turn a `formula` element of the grammar (its text is LaTeX, `block` an attribute) into MathML in
    place.
    """
    latex, block = formula.text or "", "block" in formula.attrib
    try:
        math = convert(latex, block=block)
    except Unreadable as unreadable:
        line = ledger.line_of(latex.strip().split("\n")[0])
        told = {"formula": latex.strip()[:60], "reason": unreadable.why} | unreadable.values
        ledger.note("bad-maths", line, **told)
        math = Element("code")
        math.text = AtomicString(latex.strip())
    tail = formula.tail
    formula.clear()
    formula.tail = tail
    if block:
        formula.tag = "div"
        formula.attrib = {
            "class": "math-block",
            "tabindex": "0",
            "role": "group",
            "aria-label": ledger.words.formula.format(n=number),
        }
        formula.append(math)
    else:
        formula.tag, formula.text, formula.attrib = math.tag, math.text, math.attrib
        formula.extend(math)
