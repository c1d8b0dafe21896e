from dataclasses import replace

import pytest

from blog.publishing import rules
from tests import make

pytestmark = pytest.mark.django_db
JAPANESE = "<p>" + "イベント駆動の設計は、扉がすぐに開かなければならないときに試される。" * 10 + "</p>"


@pytest.fixture
def complete():
    return rules.Candidate.of(make.post(status="draft"))


def codes(candidate):
    return {finding.code: finding for finding in rules.check(candidate)}


def test_it_advises_about_a_title_that_search_results_would_cut(complete):
    long = "Everything that we have learned about queues that shed their load before they fall over"
    finding = codes(replace(complete, title=long))["long-title"]
    assert not finding.blocking
    assert finding.field == "title"
    assert (
        "after “Everything that we have learned about queues that shed their load before”" in finding.message
    )


def test_a_long_title_whose_first_part_says_enough_is_fine(complete):
    title = "Queues that shed load: everything that we have learned about them before they fell over"
    assert codes(replace(complete, title=title)) == {}


def test_it_advises_about_a_summary_whose_first_sentence_is_cut(complete):
    finding = codes(replace(complete, summary=f"{'many words ' * 20}at last. And more."))["search-summary"]
    assert not finding.blocking


def test_it_advises_about_a_language_that_is_none(complete):
    assert codes(replace(complete, language="english!"))["language-tag"].field == "language"
    for tag in ("en", "de-AT", "zh-Hant", "sr-Latn-RS", "es-419"):
        assert "language-tag" not in codes(replace(complete, language=tag))


def test_it_tells_a_language_from_its_letters(complete):
    assert "Japanese" in codes(replace(complete, html=JAPANESE))["text-language"].message
    assert codes(replace(complete, html=JAPANESE, language="ja")) == {}
    latin = f"<p>{'Ein Text in deutscher Sprache. ' * 20}</p>"
    assert codes(replace(complete, html=latin, language="ja")).keys() == {"text-language"}
    assert codes(replace(complete, html=latin, language="sr-Latn")) == {}


def test_every_message_says_how_it_is_mended(complete):
    empty = replace(
        complete, title="", slug="", summary="", body="", learning_level=None, categories=[], authors=0
    )
    messages = [finding.message for finding in rules.check(empty)]
    assert len(messages) == 7
    assert all(
        words in " ".join(messages) for words in ("Write one.", "Choose at least one", "Name at least one")
    )
