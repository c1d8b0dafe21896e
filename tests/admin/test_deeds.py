import ast
import re
from pathlib import Path

import pytest
from django.utils.translation import override

from blog.admin.deeds import DEEDS, in_words
from blog.publishing import undo

ROOMS = [Path("blog/admin"), Path("blog/publishing")]
VERB = re.compile(r"(?:post|figure|login|preview_link|second_factor|operation)\.([a-z_]+)")
PARTICIPLE = re.compile(r"\.([a-z_]+ed)")  # what follows the kind in f"{kind}.renamed"


def deeds_in_the_code():
    """The last part of each verb of the log that is written in the code, and of the verbs of what can be undone."""
    yield from (verb.partition(".")[2] for verb in undo.KNOWN)
    trees = [ast.parse(path.read_text("utf-8")) for room in ROOMS for path in room.rglob("*.py")]
    for node in (node for tree in trees for node in ast.walk(tree)):
        told, like = (node.values[-1], PARTICIPLE) if isinstance(node, ast.JoinedStr) else (node, VERB)
        if isinstance(told, ast.Constant) and isinstance(told.value, str):
            yield from (found[1] for found in [like.fullmatch(told.value)] if found)


def test_it_finds_verbs_to_name():
    assert {"saved", "made", "trash", "renamed", "rights_changed", "moved"} <= set(deeds_in_the_code())


def test_every_verb_of_the_log_has_words():
    assert set(deeds_in_the_code()) - DEEDS.keys() == set()


@pytest.mark.parametrize("language", ["de", "ja"])
def test_the_words_are_in_the_editors_language(language):
    with override(language):
        assert [deed for deed in DEEDS if in_words(f"post.{deed}") == deed.replace("_", " ")] == []
