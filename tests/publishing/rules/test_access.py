from dataclasses import replace

import pytest

from blog.publishing import rules
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def complete():
    return rules.Candidate.of(make.post(status="draft"))


def codes(candidate):
    return {finding.code: finding for finding in rules.check(candidate)}


def test_it_advises_about_link_words_that_say_nothing():
    body = "Text.\n\nMore is [here](https://example.org/), and [the plan](https://example.org/plan) too.\n"
    found = codes(rules.Candidate.of(make.post(status="draft", body=body)))
    assert found.keys() == {"vague-link"}
    assert found["vague-link"].line == 3


def test_it_knows_such_words_in_the_language_of_the_text(complete):
    german = replace(complete, html='<p><a href="/">hier</a></p>', language="de")
    assert "vague-link" in codes(german)
    assert "vague-link" not in codes(replace(german, language="en"))


@pytest.mark.parametrize(
    ("html", "code", "blocking"),
    [
        ('<p><a href="/x"></a></p>', "nameless-link", True),
        ("<p><button></button></p>", "nameless-link", True),
        ("<table><tr><td>1</td></tr></table>", "table-without-headers", False),
        ("<table><tr><th></th></tr><tr><td>1</td></tr></table>", "table-without-headers", False),
        ('<p><img src="/x.png"></p>', "image-without-alt", True),
        ('<h2 id="a">A</h2><h2 id="a">B</h2>', "duplicate-id", True),
        ("<h2>A</h2><h4>B</h4>", "heading-order", False),
        ("<h2></h2>", "heading-order", False),
    ],
)
def test_it_judges_the_stored_page(complete, html, code, blocking):
    found = codes(replace(complete, html=html))
    assert found.keys() == {code}
    assert found[code].blocking is blocking


def test_it_leaves_alone_what_is_filled_in_later_and_what_the_renderer_adds(complete):
    html = (
        '<p><a class="post-ref" data-post="x"></a><sup id="fnref-1" class="footnote-ref">'
        '<a href="#fn-1" aria-label="Footnote 1">1</a></sup></p>'
    )
    assert codes(replace(complete, html=html)) == {}


def test_it_says_a_skipped_heading_once():
    post = make.post(status="draft", body="## One\n\n#### Three\n\nText.\n")
    assert codes(rules.Candidate.of(post)).keys() == {"heading-skip"}
