from datetime import timedelta

import pytest

from blog.models import LinkCheck
from blog.publishing import rules, workflow
from blog.publishing.rules.known import inward, outward
from tests import make

pytestmark = pytest.mark.django_db


def findings(body, at=None, **over):
    post = make.post(status="draft", body=body, **over)
    return {finding.code: finding for finding in rules.check(rules.Candidate.of(post), at=at)}


def test_it_tells_links_within_the_site_from_links_out_of_it(settings):
    settings.SITE_URL = "https://blog.example.org"
    assert inward("https://blog.example.org/posts/x/#s-y").slug == "x"
    assert inward("/posts/x").slug == inward("/posts/x.md").slug == "x"
    assert inward("/posts/%E5%9B%B3/").slug == "図"
    assert inward("//example.org/posts/x/") is None
    assert inward("https://example.org/posts/x/") is None
    assert inward("#s-y") is None
    assert inward("mailto:x@example.org") is None
    assert outward("https://example.org/")
    assert not outward("https://blog.example.org/")


def test_it_advises_about_pages_that_the_site_does_not_have():
    make.category("storage/objects")
    post = make.post(slug="here")
    good = "/category/storage/objects/ /tag/x/feed/ /archive/2026/01/ /posts/here.md / /search/?q=x /static/css/site.css"
    assert findings("\n\n".join(f"[a page]({link})" for link in good.split())) == {}
    for lost in ("/category/storage/files/", "/tag/none/", "/nowhere/at/all/", "/figures/none/"):
        finding = findings(f"Text.\n\n[a page]({lost})\n")["dead-link"]
        assert lost in finding.message
        assert finding.line == 3
        assert not finding.blocking
    assert post.slug == "here"


def test_a_former_address_leads_on(now):
    post = make.post(slug="former")
    post.slug = "present"
    workflow.save(post, at=now)
    assert findings("[the post](/posts/former/)\n") == {}


def test_it_advises_about_pages_that_only_editors_open():
    assert findings("[a page](/admin/blog/post/)\n").keys() == {"editors-link"}


def test_it_advises_about_links_to_posts_that_readers_do_not_see(now):
    make.post(slug="draft", status="draft")
    make.post(slug="tomorrow", at=now + timedelta(days=1))
    assert findings("[one](/posts/draft/)\n", at=now)["link-to-draft"].message.count("draft") == 2
    assert "link-to-draft" in findings("[one](/posts/tomorrow/)\n", at=now)
    assert findings("[one](/posts/tomorrow/)\n", at=now + timedelta(days=2)) == {}


def test_it_advises_about_places_that_other_posts_do_not_have():
    make.figure("bus")
    make.post(slug="other", body="## The plan\n\nText.[^1]\n\n![](figure:bus)\n\n[^1]: Note.\n")
    there = ("s-the-plan", "fig-bus", "fn-1", "main", ":~:text=plan")
    assert findings("\n\n".join(f"[a place](/posts/other/#{name})" for name in there)) == {}
    finding = findings("[a place](/posts/other/#s-no-plan)\n")["dead-anchor"]
    assert "#s-no-plan" in finding.message


def test_it_judges_the_whole_address_of_its_own_post_too():
    assert findings("## The plan\n\n[above](/posts/own/#s-the-plan)\n", slug="own") == {}
    assert findings("## The plan\n\n[above](/posts/mine/#s-a)\n", slug="mine").keys() == {"dead-anchor"}


def answer(now, **over):
    given = {
        "url": "https://example.org/gone",
        "note": "It answers 404 (Not Found).",
        "due_at": now,
        "checked_at": now,
    }
    return LinkCheck.objects.create(**given | {"status": 404, "failures": 1, "failing_since": now} | over)


def test_it_tells_since_when_another_site_fails_and_what_it_answers(now):
    answer(now)
    finding = findings("Text.\n\n[a page](https://example.org/gone)\n")["external-link"]
    assert "since 1 Mar 2026: It answers 404 (Not Found)." in finding.message
    assert finding.line == 3
    assert not finding.blocking


def test_it_waits_for_a_second_failure_where_the_first_may_pass(now):
    row = answer(now, status=503, note="It answers 503.")
    assert findings("[a page](https://example.org/gone)\n") == {}
    row.failures = 2
    row.save()
    assert "external-link" in findings("[a page](https://example.org/gone)\n")


def test_it_asks_the_database_as_often_for_many_posts_as_for_one(django_assert_max_num_queries, now):
    make.figure("bus")
    make.post(slug="other", body="## A\n\n![](figure:bus)\n")
    body = (
        "![](figure:bus)\n\n[a](/posts/other/#s-a) [](post:other#fig-bus) [b](/tag/x/) [c](https://example.org/gone)"
        " [d](/posts/lost/)\n"
    )
    posts = [make.post(status="draft", body=body) for _ in range(5)]
    candidates = [rules.Candidate.of(post) for post in posts]
    with django_assert_max_num_queries(7):
        found = {one.pk: {f.code for f in told} for one, told in rules.check_many(candidates, at=now)}
    assert len(found) == 5
    assert set.union(*found.values()) == {"dead-link", "renditions-missing"}
