"""The interface in other languages: every word that readers see is in the catalogues, whole, and compiled as written.

Nothing here needs GNU gettext: templates are parsed by Django's own engine, Python files by Python's.
"""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.template import engines
from django.template.base import FilterExpression, Node, Variable
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import gettext as translate
from django.utils.translation import override

from blog.markup.words import SPOKEN

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "blog" / "locale"
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
PLURALS = {"de": 2, "ja": 1}
CALLS = {
    "gettext": (0, None, None), "gettext_lazy": (0, None, None), "_": (0, None, None),
    "ngettext": (0, 1, None), "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0), "pgettext_lazy": (1, None, 0), "npgettext": (1, 2, 0),
}  # fmt: skip
CONSTANT = re.compile(r'_\("([^"]*)"\)')
SLOT = re.compile(r"%\(\w+\)s|\{\w+\}|%%")
TAG = re.compile(r"</?[a-z][^>]*>")

# A message: (context or None, words, words for many or None) → its translation's forms.
Key = tuple[str | None, str, str | None]


def catalogue(language: str) -> dict[Key, list[str]]:
    """What the message file says, the header left out."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    found: dict[Key, list[str]] = {}
    for block in text.strip().split("\n\n"):
        entry: dict[str, str] = {}
        last = ""
        for line in block.splitlines():
            if line.startswith("#"):
                assert "fuzzy" not in line and not line.startswith("#~"), f"{language}: {line}"
                continue
            if not line.startswith('"'):
                last, line = line.split(" ", 1)
            entry[last] = entry.get(last, "") + ast.literal_eval(line)
        if entry["msgid"]:
            key = (entry.get("msgctxt"), entry["msgid"], entry.get("msgid_plural"))
            assert key not in found, f"{language}: twice {key}"
            found[key] = [words for name, words in entry.items() if name.startswith("msgstr")]
    return found


def said_in_python() -> set[Key]:
    found = set()
    for path in sorted((ROOT / "blog").rglob("*.py")):
        if {"admin", "migrations", "transfer"} & set(path.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in CALLS:
                continue
            places = CALLS[node.func.id]
            words, plural, context = (
                node.args[place].value if place is not None else None  # type: ignore[attr-defined]
                for place in places
            )
            found.add((context, words, plural))
    return found


def in_f_strings() -> list[str]:
    """Calls that xgettext does not find, for it does not read f-strings."""
    found = []
    for path in sorted((ROOT / "blog").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found += [
                    f"{path.relative_to(ROOT)}:{call.lineno}"
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and getattr(call.func, "id", None) in CALLS
                ]
    return found


def said_in_templates() -> set[Key]:
    found: set[Key] = set()
    for path in sorted((ROOT / "templates").rglob("*.*")):
        name = path.relative_to(ROOT / "templates").as_posix()
        if not name.startswith("admin/"):
            template = engines["django"].get_template(name).template
            for node in template.nodelist.get_nodes_by_type(Node):
                found |= said_by(node)
    return found


def said_by(node: Node) -> set[Key]:
    if isinstance(node, BlockTranslateNode):
        words, _ = node.render_token_list(node.singular)
        plural = node.render_token_list(node.plural)[0] if node.plural else None
        if node.trimmed:
            words, plural = trimmed(words), trimmed(plural) if plural else None
        context = node.message_context.var if node.message_context else None
        return {(str(context) if context else None, words, plural)}
    if isinstance(node, TranslateNode):
        context = node.message_context.var if node.message_context else None
        return {(str(context) if context else None, literal(node.filter_expression), None)}
    # `_("…")` as an argument of another tag, or shown by itself.
    values = [one for value in vars(node).values() for one in (value if isinstance(value, list) else [value])]
    tokens = [one.token for one in values if isinstance(one, FilterExpression)]
    return {(None, words, None) for token in tokens for words in CONSTANT.findall(token)}


def trimmed(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines())


def literal(expression: FilterExpression) -> str:
    assert isinstance(expression.var, Variable) and isinstance(expression.var.literal, str), expression.token
    return str(expression.var.literal)


@pytest.fixture(scope="module")
def said() -> set[Key]:
    found = said_in_python() | said_in_templates()
    # Of words that are counted in one place and not in another, the catalogue keeps the counted ones.
    counted = {(context, words) for context, words, plural in found if plural}
    return {key for key in found if key[2] or key[:2] not in counted}


def test_it_finds_no_translation_inside_an_f_string():
    assert in_f_strings() == []


def test_there_are_the_languages_that_prove_it():
    assert {"de", "ja"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_in_the_catalogue_and_nothing_else(language, said):
    there = set(catalogue(language))
    assert said - there == set(), "run make messages and translate these"
    assert there - said == set(), "run make messages: nobody says these any more"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_in_all_its_forms(language):
    for (context, words, plural), forms in catalogue(language).items():
        assert all(forms), f"{language}: {context or ''} {words!r} is not translated"
        assert len(forms) == (PLURALS.get(language, len(forms)) if plural else 1), words


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_and_marked_up_is_the_same(language):
    for (_, words, plural), forms in catalogue(language).items():
        for form in forms:
            wanted = {tuple(sorted(SLOT.findall(one))) for one in (words, plural) if one}
            assert tuple(sorted(SLOT.findall(form))) in wanted, f"{language}: {words!r} → {form!r}"
            assert sorted(TAG.findall(form)) == sorted(TAG.findall(words)), (
                f"{language}: {words!r} → {form!r}"
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_says_what_is_written(language):
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    assert compiled.pop(""), "it says nothing of itself"
    written = {}
    for (context, words, plural), forms in catalogue(language).items():
        name = f"{context}\x04{words}" if context else words
        written |= {(name, n): form for n, form in enumerate(forms)} if plural else {name: forms[0]}
    assert compiled == written, "run make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_message_files_hold_nothing_that_changes_by_itself(language):
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    assert not re.search(r"^#:|POT-Creation-Date|PO-Revision-Date", text, re.M)
    assert f'"Language: {language}\\n"' in text


def test_every_language_with_a_catalogue_words_stored_texts_too(settings):
    assert {"en", *LANGUAGES} == set(SPOKEN) <= set(dict(settings.LANGUAGES))


@pytest.mark.parametrize("language", SPOKEN)
def test_a_reference_and_a_caption_call_a_figure_the_same(language):
    with override(language):
        assert translate("Figure {number}").format(number=2) == SPOKEN[language].figure.format(n=2)
        assert translate("Figure %(number)s") % {"number": 2} == SPOKEN[language].figure.format(n=2)


def test_the_command_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match="apt install gettext"):
        call_command("messages")
