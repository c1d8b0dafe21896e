import re

import pytest

from blog.markup.sentences import PROBLEMS
from blog.publishing import rules
from tests import make


def test_it_weighs_what_the_setting_says(settings):
    settings.PUBLISH_CHECKS = ["small-figure=block", " short-summary = off "]
    assert rules.severity_of("small-figure") == "block"
    assert rules.severity_of("short-summary") == "off"
    assert rules.severity_of("caption") == "advise"


@pytest.mark.django_db
def test_a_rule_that_is_off_finds_nothing_and_one_that_is_raised_blocks(settings):
    candidate = rules.Candidate.of(make.post(status="draft", summary="Short."))
    assert [finding.blocking for finding in rules.check(candidate)] == [False]
    settings.PUBLISH_CHECKS = ["short-summary=block"]
    assert [finding.blocking for finding in rules.check(candidate)] == [True]
    settings.PUBLISH_CHECKS = ["short-summary=off"]
    assert rules.check(candidate) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("small-figure", "not understood"),
        ("small-figure=loud", "block, advise, off"),
        ("no-such-rule=off", "there is no rule"),
        ("level=off", "can't be lowered"),
        ("category=advise", "can't be lowered"),
        ("slug=off", "can't be lowered"),
        ("title=off", "can't be lowered"),
        ("caption=off,caption=block", "set twice"),
    ],
)
def test_it_refuses_a_setting_that_it_can_not_follow(settings, said, words):
    settings.PUBLISH_CHECKS = said.split(",")
    with pytest.raises(rules.BadChecks, match=re.escape(words)) as refusal:
        rules.validate()
    assert str(refusal.value).startswith("PUBLISH_CHECKS: ")


def test_what_the_renderer_notes_is_in_the_list_of_rules():
    """A code that the list does not know would block without a title or a reason."""
    assert {name.partition(".")[0] for name in PROBLEMS} <= rules.RULES.keys()


def test_a_code_of_a_newer_dialect_blocks_in_its_own_words(db):
    candidate = rules.Candidate.of(make.post(status="draft"))
    candidate.facts["problems"] = [{"code": "from-tomorrow", "message": "Mend this.", "line": 3}]
    assert rules.check(candidate) == [rules.Finding("from-tomorrow", "body", "Mend this.", 3)]
    assert rules.check(candidate)[0].blocking


def test_every_rule_says_its_title_and_its_reason():
    for one in rules.RULES.values():
        assert one.title
        assert one.why.endswith("."), one.code
        assert one.severity in {"block", "advise"}
    assert {"short-summary", "small-figure"} <= rules.ADVISORY
    assert not {"level", "category", "unknown-figure"} & rules.ADVISORY
