import pytest

from blog.publishing import rules
from tests import make

pytestmark = pytest.mark.django_db


def findings(**over):
    post = make.post(status="draft", **over)
    return {finding.code: finding for finding in rules.check(rules.Candidate.of(post))}


def test_it_finds_nothing_in_a_complete_post():
    assert findings() == {}


def test_it_names_everything_that_is_missing_with_its_field():
    from blog.models import Post

    found = rules.check(rules.Candidate.of(Post(), categories=[], authors=0))
    assert {finding.field for finding in found} >= {
        "title",
        "slug",
        "learning_level",
        "categories",
        "bylines",
        "summary",
        "body",
    }
    assert all(finding.blocking for finding in found)


def test_it_advises_about_a_summary_that_says_little():
    finding = findings(summary="Short.")["short-summary"]
    assert "6 characters" in finding.message
    assert not finding.blocking


def test_it_blocks_a_summary_that_listings_would_cut():
    assert findings(summary="x" * 601)["long-summary"].blocking


def test_it_advises_about_headings_out_of_order():
    finding = findings(body="## One\n\n#### Three\n\nText.\n")["heading-skip"]
    assert not finding.blocking
    assert finding.line == 3


def test_it_blocks_a_figure_that_is_not_in_the_library():
    finding = findings(body="![](figure:ghost)\n")["unknown-figure"]
    assert finding.blocking
    assert "ghost" in finding.message


def test_it_blocks_a_reference_to_a_figure_that_the_post_does_not_place():
    make.figure("bus")
    found = findings(body="See [](figure:bus).\n")
    assert any(finding.blocking and finding.field == "body" for finding in found.values())


def test_it_advises_about_a_narrow_figure():
    make.figure("tiny", data=make.png(width=320, height=200))
    finding = findings(body="![](figure:tiny)\n")["small-figure"]
    assert not finding.blocking


def test_it_advises_about_a_link_to_a_post_that_does_not_exist():
    make.post(slug="known")
    found = findings(body="[a](/posts/known/) and [b](/posts/unknown/)\n")
    assert "unknown" in found["dead-link"].message


def test_it_puts_what_blocks_first():
    make.figure("tiny", data=make.png(width=320, height=200))
    post = make.post(status="draft", body="![](figure:tiny)\n\n![](figure:ghost)\n")
    assert [f.blocking for f in rules.check(rules.Candidate.of(post))] == [True, False, False]


def test_it_blocks_a_reference_to_a_post_that_does_not_exist():
    finding = findings(body="See [](post:ghost#fig-a).\n")["unknown-post"]
    assert finding.blocking
    assert "ghost" in finding.message


def test_it_blocks_a_reference_to_a_figure_that_the_other_post_does_not_show():
    make.figure("bus")
    make.post(slug="other", body="![](figure:bus)\n")
    assert findings(body="[](post:other#fig-bus) and [](post:other)\n") == {}
    assert findings(body="[](post:other#fig-car)\n")["unknown-post-figure"].blocking


def test_it_blocks_a_reference_to_a_figure_of_its_own_that_it_does_not_show():
    assert findings(slug="own", body="[](post:own) [](post:own#fig-a)\n").keys() == {"unknown-post-figure"}


def test_it_knows_posts_by_their_former_slugs(now):
    from blog.publishing import workflow

    post = make.post(slug="former")
    post.slug = "present"
    workflow.save(post, at=now)
    assert findings(body="[](post:former)\n") == {}


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_it_advises_about_a_reference_that_readers_cannot_follow(status):
    make.post(slug="other", status=status)
    found = findings(body="[](post:other)\n")
    assert not found["unpublished-post"].blocking


def test_it_advises_about_a_reference_to_a_post_that_comes_out_later(now):
    from datetime import timedelta

    make.post(slug="other", at=now + timedelta(days=1))
    post = make.post(status="draft", body="[](post:other)\n")
    candidate = rules.Candidate.of(post)
    assert [f.code for f in rules.check(candidate, at=now)] == ["unpublished-post"]
    assert rules.check(candidate, at=now + timedelta(days=1)) == []
