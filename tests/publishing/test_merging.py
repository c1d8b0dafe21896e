"""Two people change one post."""

import random

import pytest

from blog.publishing import merging
from blog.publishing.contents import LABELS

BASE = {
    "title": "A queue", "slug": "a-queue", "language": "en", "summary": "It drains.", "body": "One.\n\nTwo.\n\nThree.",
    "canonical_url": "", "editors_note": "", "editors_note_at": None, "published_at": None, "expires_at": None,
    "learning_level": 1, "lead_figure": None, "translation_of": None,
    "categories": [1, 2], "authors": [1], "tags": ["a", "b"], "series": [], "related": [], "figures": {},
}  # fmt: skip


def merge(theirs, mine, choices=None):
    return merging.merge(BASE, BASE | theirs, BASE | mine, choices)


def test_it_knows_every_field():
    assert BASE.keys() - {"figures"} == LABELS.keys()


def test_it_takes_what_only_one_of_them_changed():
    done = merge({"title": "Their queue", "tags": ["a", "b", "c"]}, {"learning_level": 2, "categories": [1]})
    assert done.clashes == []
    assert (done.content["title"], done.content["learning_level"]) == ("Their queue", 2)
    assert (done.content["tags"], done.content["categories"]) == (["a", "b", "c"], [1])
    assert done.taken == ["title", "tags"]


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        ("One, theirs.\n\nTwo.\n\nThree.", "One.\n\nTwo.\n\nThree, mine.", "One, theirs.\n\nTwo.\n\nThree, mine."),
        ("Two.\n\nThree.", "One.\n\nTwo.\n\nThree.\n\nFour.", "Two.\n\nThree.\n\nFour."),
        ("One.\n\nTwo.\n\nTwo and a half.\n\nThree.", "Zero.\n\nOne.\n\nTwo.\n\nThree.",
         "Zero.\n\nOne.\n\nTwo.\n\nTwo and a half.\n\nThree."),
        ("One.\n\nTwo, again.\n\nThree.", "One.\n\nTwo, again.\n\nThree.", "One.\n\nTwo, again.\n\nThree."),
    ],
)  # fmt: skip
def test_it_merges_paragraphs(theirs, mine, both):
    done = merge({"body": theirs}, {"body": mine})
    assert done.clashes == []
    assert done.content["body"] == both


def test_it_leaves_a_paragraph_that_both_changed_to_people():
    theirs, mine = (
        {"body": "One.\n\nTwo, theirs.\n\nThree."},
        {"body": "One.\n\nTwo, mine.\n\nThree.\n\nFour."},
    )
    (clash,) = merge(theirs, mine).clashes
    assert (clash.label, clash.base, clash.theirs, clash.mine) == (
        "text",
        "Two.",
        "Two, theirs.",
        "Two, mine.",
    )
    bodies = {
        choice: merge(theirs, mine, {clash.key: choice}).content["body"]
        for choice in ("mine", "theirs", "both")
    }
    assert bodies == {
        "mine": "One.\n\nTwo, mine.\n\nThree.\n\nFour.",
        "theirs": "One.\n\nTwo, theirs.\n\nThree.\n\nFour.",
        "both": "One.\n\nTwo, theirs.\n\nTwo, mine.\n\nThree.\n\nFour.",
    }


def test_it_asks_about_a_title_that_both_changed():
    done = merge({"title": "Theirs"}, {"title": "Mine"})
    assert [(one.field, one.may_keep_both) for one in done.clashes] == [("title", False)]
    decided = merge({"title": "Theirs"}, {"title": "Mine"}, {done.clashes[0].key: "theirs"})
    assert (decided.content["title"], decided.clashes) == ("Theirs", [])


def test_a_choice_says_nothing_about_a_third_text():
    """Saved while somebody was reading the first two."""
    (read,) = merge({"title": "Theirs"}, {"title": "Mine"}).clashes
    (now,) = merge({"title": "A third"}, {"title": "Mine"}, {read.key: "mine"}).clashes
    assert (now.theirs, now.mine) == ("A third", "Mine")
    (read,) = merge(
        {"body": "One, theirs.\n\nTwo.\n\nThree."}, {"body": "One, mine.\n\nTwo.\n\nThree."}
    ).clashes
    (now,) = merge(
        {"body": "One, a third.\n\nTwo.\n\nThree."},
        {"body": "One, mine.\n\nTwo.\n\nThree."},
        {read.key: "mine"},
    ).clashes
    assert now.theirs == "One, a third."


def test_two_places_that_clash_alike_are_asked_about_once():
    base = BASE | {"body": "Same.\n\nTwo.\n\nSame.\n\nEnd."}
    sides = [base | {"body": f"{name}.\n\nTwo.\n\n{name}.\n\nEnd."} for name in ("Theirs", "Mine")]
    (clash,) = merging.merge(base, *sides).clashes
    done = merging.merge(base, *sides, {clash.key: "both"})
    assert done.content["body"] == "Theirs.\n\nMine.\n\nTwo.\n\nTheirs.\n\nMine.\n\nEnd."


def test_it_keeps_a_fence_of_code_whole():
    code = "```python\na = 1\n\n\nb = 2\n```"
    assert merging.paragraphs(f"Before.\n\n{code}\n\nAfter.") == ["Before.", code, "After."]
    assert merging.paragraphs("~~~\n\n```\n\n~~~\n\nx") == ["~~~\n\n```\n\n~~~", "x"]


def test_it_loses_no_paragraph_that_anybody_wrote():
    """Whatever two people do, each new paragraph is in the merged text or in a clash, and none comes back that one of
    them took out alone."""
    for seed in range(300):
        dice = random.Random(seed)
        base = [f"p{n}" for n in range(dice.randint(0, 8))]

        def changed(who, base=base, dice=dice):
            text = [one for one in base if dice.random() < 0.8]
            for n in range(dice.randint(0, 3)):
                text.insert(dice.randint(0, len(text)), f"{who}{n}")
            return text

        theirs, mine = changed("t"), changed("m")
        done = merging.merge(*({**BASE, "body": "\n\n".join(one)} for one in (base, theirs, mine)))
        kept = merging.paragraphs(done.content["body"])
        asked = [
            part
            for one in done.clashes
            for text in (one.theirs, one.mine)
            for part in merging.paragraphs(text)
        ]
        new = {one for one in (*theirs, *mine) if one not in base}
        assert new <= {*kept, *asked}, seed
        if not done.clashes:
            assert {one for one in kept if one in base} == {
                one for one in base if one in theirs and one in mine
            }
            assert [one for one in kept if one in theirs] == [one for one in theirs if one in kept]
