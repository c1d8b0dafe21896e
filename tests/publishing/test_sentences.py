"""Every refusal and problem of the rooms that know no Django has a sentence in every language, and only those."""

import ast
import pickle
import re
from pathlib import Path

import pytest
from django.utils.translation import gettext, override

from blog import imaging, markup
from blog.imaging import diagrams
from blog.imaging import sentences as of_imaging
from blog.markup import sentences as of_markup
from blog.models import Post
from blog.publishing import sentences

BLOG = Path(sentences.__file__).parent.parent
SAYERS = {"RenderRefused", "ImageRefused", "DiagramRefused", "note"}
SLOT = re.compile(r"\{(\w+)\}")
LANGUAGES = ["de", "ja"]


def said_in(room: str) -> dict[str, set[str]]:
    """Name of each sentence that the room says, with the names of what it fills in where that is written out."""
    found: dict[str, set[str]] = {}
    for path in sorted((BLOG / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name not in SAYERS:
                continue
            name = node.args[0]
            for one in [name.body, name.orelse] if isinstance(name, ast.IfExp) else [name]:
                if isinstance(one, ast.Constant):
                    given = {key.arg for key in node.keywords if key.arg != "late"}
                    found[one.value] = given if None not in given else set()
    return found


@pytest.mark.parametrize(
    ("room", "table"), [("markup", of_markup.SENTENCES), ("imaging", of_imaging.SENTENCES)]
)
def test_every_sentence_is_said_and_none_is_said_that_is_not_in_the_table(room, table):
    said = said_in(room) | ({"memory": set()} if room == "markup" else {})  # the child's reply to its parent
    assert said.keys() == table.keys()
    for name, given in said.items():
        assert not given or given == set(SLOT.findall(table[name])), name


def test_no_two_sentences_share_a_name_within_a_room():
    for module in (of_markup, of_imaging):
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        names = [key.value for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("room", "words"),
    [*(("markup", one) for one in [*of_markup.SENTENCES.values(), *of_markup.REASONS.values()]),
     *(("imaging", one) for one in of_imaging.SENTENCES.values())],
)  # fmt: skip
def test_every_sentence_is_translated(language, room, words):
    with override(language):
        assert gettext(words) != words


def test_a_refusal_speaks_english_by_itself_and_the_editors_language_when_it_is_shown():
    refusal = markup.RenderRefused("too-long", characters=234_567, most=200_000)
    assert str(refusal).startswith("The text has 234,567 characters; 200,000 can be rendered.")
    with override("de"):
        assert sentences.of(refusal).startswith("Der Text hat 234.567 Zeichen")
    heavy = imaging.ImageRefused("heavy", megabytes=20.5, most=20)
    with override("de"):
        assert "20,5 MB" in sentences.of(heavy)
    assert sentences.of(ValueError("of another kind")) == "of another kind"


def test_a_problem_is_told_in_the_editors_language_and_an_older_ones_words_stay():
    post = Post(body="# One\n\nIt is $\\begin{matrix} a$.\n")
    post.render()
    title, maths = post.facts["problems"]
    assert title["message"].startswith("“One” is a heading of the first level")
    with override("de"):
        assert sentences.of_problem(title).startswith("„One“ ist eine Überschrift der ersten Ebene")
        assert "zu \\begin fehlt \\end" in sentences.of_problem(maths)
        assert sentences.of_problem({"code": "x", "message": "As it was.", "line": 1}) == "As it was."
        gone = {"code": "x", "message": "As it was.", "line": 1, "sentence": "gone", "values": {}}
        assert sentences.of_problem(gone) == "As it was."


def test_a_refusal_survives_the_way_between_processes():
    refusal = diagrams.DiagramRefused("diagram-unreadable", 3, reason="it {ends}", late=True)
    again = pickle.loads(pickle.dumps(refusal))
    assert (str(again), again.line, again.late) == ("The diagram can't be read: it {ends}.", 3, True)
