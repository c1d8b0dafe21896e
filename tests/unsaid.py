"""Finds texts that people see and that no gettext call stands around: in Python, in templates and in scripts.

What a text is, is guessed: two words, or one with a capital, or what is given as a label. What is caught wrongly is named
in NO_TEXTS, by file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, TokenType

ROOT = Path(__file__).resolve().parent.parent
CALLS = frozenset({"_"} | {f"{kind}gettext{lazy}" for kind in ("", "n", "p", "np") for lazy in ("", "_lazy")})
FOR_PROGRAMMERS = frozenset({"ValueError", "AssertionError", "NotImplementedError", "log", "format_lazy"})
SHOWN_AS = frozenset(
    {"description", "label", "verbose_name", "verbose_name_plural", "help_text", "title", "why", "search_help_text",
     "violation_error_message", "empty_value_display", "hint", "site_header", "index_title", "site_title"}
)  # fmt: skip
# Names of the protocol, of classes and of zones; SQL; markup without words; what only a class attribute or a log reads.
NO_WORDS = re.compile(
    r"""\s*(\(\w+,\ \w+\)\s)?\(?\s*(SELECT|DELETE|INSERT|WITH|UPDATE|SET\ LOCAL|COPY|ANALYZE|EXISTS|WHERE|FROM|UNION|ARRAY
        |array_to_string|LOCK\ TABLE|TRUNCATE|CREATE\ TEMPORARY)\b
    | PUBLISH_CHECKS:  # for operators, at the start
    | (Cache-Control|Content-[A-Za-z-]+|Accept|Accept-Encoding|Allow|Location|Host|User-Agent|Range|Connection
       |Referrer-Policy|Sec-Purpose|Lax|True|Etc/|SystemV/|BadChecks|Candidate|Finding|Rule|Known|PreviewLink)\Z
    | .*(no-store|noindex|default-src|attachment;|text/csv|application/|vTextField|\bthumb\b|StrPromise)""",
    re.VERBOSE | re.DOTALL,
)
WORDS = re.compile(r"[^\W\d_]{2,}\s+\S*[^\W\d_]{2,}|\A[A-Z][a-z]+")
NO_TEXTS = {
    "blog/admin/merges.py": {"MergeForm"},
    "blog/publishing/appointments.py": {  # into the log
        "Appointments: the database is away (%s); trying again.",
        "Appointments: the database is back.",
    },
    "blog/publishing/letters.py": {"A letter was not sent (%s), attempt %d.", "Auto-Submitted"},  # log; a header
    # For CDNs; and into the log.
    "blog/publishing/cdns.py": {
        "Fastly-Key", "Authorization", "Bearer", "it answered", "it did not say that it has done so",
    },
    "blog/publishing/purging.py": {"The CDN was not told of changes (%s), attempt %d."},
    "blog/publishing/cards.py": {"card of post %s is drawn without its figure: %s"},  # into the log
    "blog/publishing/misses.py": {"missed searches were not written: the database is away"},  # into the log
    "blog/publishing/links.py": {"Stratum link check (+/)"},  # how it names itself to servers
    # Exceptions that the admin answers in words of its own.
    "blog/publishing/editing.py": {"version  has changed what was typed from version"},
    "blog/publishing/keeping.py": {"these words have been brought back already"},
    # What the texts of links are compared with, in all languages.
    "blog/publishing/rules/access.py": {
        "click here", "this link", "read more", "see more", "learn more", "this page", "this post", "this article",
        "see here", "klicken sie hier", "klick hier", "dieser link", "mehr erfahren", "siehe hier", "diese seite",
    },
    # For operators, at the start.
    "blog/admin/second_factor.py": {"django-otp is not installed"},
    "blog/publishing/roles.py": {"The database knows no permission ; run `manage.py migrate` first."},
}  # fmt: skip
ATTRIBUTES = re.compile(r"\b(?:aria-label|aria-description|title|placeholder|alt)=\"([^\"]*)\"")
SENTENCE = re.compile(
    r"""(["'`])((?:(?!\1).)*[A-Za-z]{2,} [a-z]{2,} (?:(?!\1).)*|[A-Z][a-z]+(?: [a-z]+)+)\1"""
)


def in_python(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of what is shown and not wrapped."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        attributes = " ".join(ATTRIBUTES.findall(text))
        text = re.sub(r"<[^>]*>|\{[^}]*\}", "", f"{attributes} {text}").strip()
        if text in NO_TEXTS.get(path.relative_to(ROOT).as_posix(), ()):
            continue
        if _is_shown(node, above, text) and not _is_wrapped(node, above):
            yield node.lineno, text


def _is_shown(node: ast.AST, above: dict[ast.AST, ast.AST], text: str) -> bool:
    parent = above.get(node)
    if isinstance(parent, ast.Expr | ast.Subscript | ast.FormattedValue | ast.JoinedStr | ast.arg):
        return False  # a docstring, a key, a part of what is looked at whole
    labelled = isinstance(parent, ast.keyword) and parent.arg in SHOWN_AS
    named = isinstance(parent, ast.Assign) and getattr(parent.targets[0], "id", "") in SHOWN_AS
    if not re.search(r"[^\W\d_]{2}", text) or NO_WORDS.match(text):
        return False
    return bool(labelled or named or WORDS.search(text))


def _is_wrapped(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    while node in above:
        node = above[node]
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            if name in CALLS or name in FOR_PROGRAMMERS:
                return True
        if isinstance(node, ast.Assign | ast.AnnAssign) and "__all__" in ast.unparse(node)[:8]:
            return True
    return False


def in_template(path: Path) -> Iterator[str]:
    """Words between tags, or in attributes that are read out, outside of `translate` and `blocktranslate`."""
    text, inside = "", ""
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if name in {"blocktranslate", "comment"} or token.contents in {
                "block bodyclass",
                "block coltype",
            }:
                inside = name
            elif name == f"end{inside}":
                inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            text += token.contents
        if token.token_type != TokenType.TEXT:
            text += "\0"
    text = re.sub(r"<(script|style|code|kbd)\b[^>]*>.*?</\1>", "", text, flags=re.DOTALL)
    shown = [*ATTRIBUTES.findall(text), *re.split(r"<[^>]*>", text)]
    buttons = re.findall(r"<input\b[^>]*type=\"(?:submit|button)\"[^>]*>", text)
    shown += [value for one in buttons for value in re.findall(r"value=\"([^\"]*)\"", one)]
    for one in shown:
        words = re.sub(r"&\w+;", "", one).replace("\0", " ").strip()
        if re.search(r"[^\W\d_]{2}", words):
            yield words


def in_script(path: Path) -> Iterator[str]:
    """Sentences in a script; those come from the page, in the editor's language."""
    code = re.sub(r"^\s*(//|\*|/\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    code = re.sub(r"\s// .*$", "", code, flags=re.MULTILINE)
    for _, words in SENTENCE.findall(code):
        yield words
