"""Which part of a long text a hit shows."""

import pytest

from blog.models.search import parse, search
from tests import make

pytestmark = pytest.mark.django_db

FILLER = "Nothing of note happens in this sentence. " * 200


def shown(text, now):
    (hit,) = search(parse(text), at=now).hits
    assert hit.source == "body"
    return "".join(piece.text for piece in hit.passage), [piece.text for piece in hit.passage if piece.marked]


@pytest.mark.parametrize(
    ("sentence", "text", "marked"),
    [
        ("Each replica falls behind.", "replicas", ["replica"]),
        ("Two queries meet.", "query", ["queries"]),
        ("The résumé is long.", "resume", ["résumé"]),
        # Other words begin like it, before it.
        ("A portal, portable. Then a port opens.", "port", ["port"]),
        ("A read-only copy, of c:\\dir and a(b.", "read-only", ["read-only", "read", "only"]),
        # Its words stand apart, before they stand together.
        (f"A lease. {FILLER} A quorum. {FILLER} The quorum of leases holds.", '"quorum of leases"', ["quorum", "leases"]),
        (f"A lease comes first. {FILLER} The quorum follows.", "quorum lease", ["lease", "quorum"]),
    ],
)  # fmt: skip
def test_it_shows_where_the_words_stand_in_a_long_text(now, sentence, text, marked):
    make.post(title="Title", summary="Summary.", body=f"{FILLER}\n\n{sentence}\n\n{FILLER}", at=now)
    passage, found = shown(text, now)
    assert set(found) <= set(marked)
    assert found
    assert "Nothing of" in passage or len(passage) < 120
    assert len(passage) < 420


def test_it_cuts_no_word_in_two(now):
    sentences = " ".join(f"Beforehand{n} quorum afterwards{n} continuously{n}." for n in range(200))
    make.post(title="Title", summary="Summary.", body=sentences, at=now)
    passage, _ = shown("quorum", now)
    words = set(sentences.replace(".", "").split())
    assert {word.strip(".…") for word in passage.split()} - {""} <= words


def test_it_shows_the_first_words_of_a_text(now):
    make.post(title="Title", summary="Summary.", body=f"Quorum at the very beginning. {FILLER}", at=now)
    passage, found = shown("quorum", now)
    assert passage.startswith("Quorum at the very beginning")
    assert found == ["Quorum"]
