"""The interface in other languages: every word that readers and editors see is in the catalogues, whole, and compiled as written.

Nothing here needs GNU gettext: templates are parsed by Django's own engine, Python files by Python's.
"""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.template import engines
from django.template.base import FilterExpression, Node, Variable
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils.translation import gettext as translate
from django.utils.translation import override

from blog.markup.words import SPOKEN
from tests import unsaid

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "blog" / "locale"
LANGUAGES = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
PLURALS = {"de": 2, "ja": 1}
CALLS = {
    "gettext": (0, None, None), "gettext_noop": (0, None, None), "gettext_lazy": (0, None, None), "_": (0, None, None),
    "ngettext": (0, 1, None), "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0), "pgettext_lazy": (1, None, 0), "npgettext": (1, 2, 0),
}  # fmt: skip
CONSTANT = re.compile(r'_\("([^"]*)"\)')
SLOT = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
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
        if {"migrations", "transfer"} & set(path.relative_to(ROOT).parts):
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
        given = {
            (None, words, None)
            for one in node.extra_context.values()
            for words in CONSTANT.findall(one.token)
        }
        return {(str(context) if context else None, words, plural)} | given
    if isinstance(node, TranslateNode):
        context = node.message_context.var if node.message_context else None
        return {(str(context) if context else None, literal(node.filter_expression), None)}
    # `_("…")` as an argument of another tag, or shown by itself.
    values = [
        one
        for value in vars(node).values()
        for one in (
            value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
        )
    ]
    tokens = [one.token for one in values if isinstance(one, FilterExpression)]
    return {(None, words, None) for token in tokens for words in CONSTANT.findall(token)}


def trimmed(text: str) -> str:
    return " ".join(line.strip() for line in text.strip().splitlines())


def literal(expression: FilterExpression) -> str:
    assert isinstance(expression.var, Variable) and isinstance(expression.var.literal, str), expression.token
    return str(expression.var.literal).replace("%", "%%")  # as Django looks it up


@pytest.fixture(scope="module")
def said() -> set[Key]:
    found = said_in_python() | said_in_templates()
    # Of words that are counted in one place and not in another, the catalogue keeps the counted ones.
    counted = {(context, words) for context, words, plural in found if plural}
    return {key for key in found if key[2] or key[:2] not in counted}


def test_it_finds_no_translation_inside_an_f_string():
    assert in_f_strings() == []


@pytest.mark.parametrize("room", ["admin", "publishing"])
def test_no_text_of_the_editors_rooms_goes_past_gettext(room):
    paths = sorted((ROOT / "blog" / room).rglob("*.py"))
    assert [
        f"{path.relative_to(ROOT)}:{line}: {text}" for path in paths for line, text in unsaid.in_python(path)
    ] == []


def test_no_text_of_the_editors_pages_goes_past_gettext():
    paths = sorted((ROOT / "templates" / "admin").rglob("*.html"))
    assert [f"{path.relative_to(ROOT)}: {text}" for path in paths for text in unsaid.in_template(path)] == []


def test_no_script_of_the_editors_pages_has_texts_of_its_own():
    paths = sorted((ROOT / "static" / "js" / "admin").rglob("*.js"))
    assert [f"{path.relative_to(ROOT)}: {text}" for path in paths for text in unsaid.in_script(path)] == []


def test_a_text_that_goes_past_gettext_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(unsaid, "ROOT", tmp_path)
    for name, text in {
        "a.py": 'def f(post):\n    """Says it."""\n    return f"“{post}” is gone."\n',
        "b.html": '<p>{% translate "One" %} {{ two }}</p><button aria-label="Three">four</button>',
        "c.js": 'say("Nothing was found.")  // a remark',
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(unsaid.in_python(tmp_path / "a.py")) == [(3, "“” is gone.")]
    assert list(unsaid.in_template(tmp_path / "b.html")) == ["Three", "four"]
    assert list(unsaid.in_script(tmp_path / "c.js")) == ["Nothing was found."]


def test_rows_and_columns_that_editors_see_have_translatable_names():
    found = []
    for model, door in admin.site._registry.items():
        if model._meta.app_label != "blog":
            continue
        for one in (model, *(inline.model for inline in door.inlines)):
            said = {"one": one._meta.verbose_name, "many": one._meta.verbose_name_plural}
            for field in (*one._meta.local_fields, *one._meta.local_many_to_many):
                if field.editable and not field.primary_key and not field.auto_created:
                    said |= {field.name: field.verbose_name, f"help of {field.name}": field.help_text}
                    said |= {f"{field.name}={key}": label for key, label in field.choices or ()}
            for constraint in one._meta.constraints:
                said[constraint.name] = getattr(constraint, "violation_error_message", "") or ""
            found += [
                f"{one.__name__}: {name}" for name, words in said.items() if words and type(words) is str
            ]
    assert sorted(set(found)) == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.django_db
def test_a_translated_name_is_no_change_of_the_tables(language):
    with override(language):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


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
