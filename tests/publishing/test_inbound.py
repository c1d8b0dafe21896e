import pytest
from django.conf import settings
from django.db import connection

from blog.models import Address, LearningPath, PathStep, Post, RelatedPost, Series
from blog.publishing import contents, editing, inbound, trash, workflow
from tests import make

pytestmark = pytest.mark.django_db


def told(*posts):
    return {(one.how, str(one.thing)) for one in inbound.inbound(posts)}


def test_it_names_all_that_leads_to_a_post(now, django_assert_max_num_queries):
    series = Series.objects.create(title="A series", slug="a-series")
    target = make.post("Target", slug="target", series=[(series, 2)])
    Address.objects.create(path="/posts/former/", post=target)
    PathStep.objects.create(
        learning_path=LearningPath.objects.create(title="A path", slug="a-path"), post=target, number=1
    )
    make.post("Plain", body="[it](/posts/target/#first)\n")
    make.post("Whole", body=f"[it]({settings.SITE_URL}/posts/target/?x=1)\n", status="draft")
    make.post("Reference", body="See [](post:target#fig-x).\n", status="draft")
    make.post("Former", body="[it](/posts/former/)\n")
    make.post("None", body="[it](/posts/target-2/) `/posts/target/`\n")
    chooser = make.post("Chooser")
    RelatedPost.objects.create(post=chooser, other=target, curated=True)
    make.post("Ziel", translation_of=target, language="de")
    with django_assert_max_num_queries(7):
        found = told(target)
    assert found == {
        ("linked from", "Plain"),
        ("linked from", "Whole"),
        ("linked from", "Reference"),
        ("linked from", "Former"),
        ("part 2 of the series", "A series"),
        ("a step of the learning path", "A path"),
        ("recommended after", "Chooser"),
        ("translated as", "Ziel"),
    }


def test_it_tells_nothing_of_the_posts_themselves_and_of_the_trash(now):
    one = make.post("One", slug="one", body="[self](/posts/one/)\n")
    two = make.post("Two", slug="two", body="[other](/posts/one/)\n")
    assert told(one) == {("linked from", "Two")}
    assert told(one, two) == set()
    trash.put(two, at=now)
    assert told(one) == set()


BODY = """[a](/posts/old/) and [b](/posts/old/#first "t"), [c](post:old), [d][d], `[x](/posts/old/)`, /posts/old/ and
[e](/posts/old-times/), [f](https://example.org/posts/old/).

```text
[code](/posts/old/)
```

[d]: {site}/posts/old/
"""


def test_it_rewrites_links_and_nothing_that_only_looks_like_one():
    body = BODY.replace("{site}", settings.SITE_URL)
    wanted = (
        body.replace("[a](/posts/old/)", "[a](/posts/new/)")
        .replace("[b](/posts/old/#", "[b](/posts/new/#")
        .replace("(post:old)", "(post:new)")
        .replace(f"[d]: {settings.SITE_URL}/posts/old/", f"[d]: {settings.SITE_URL}/posts/new/")
    )
    assert inbound.rewrite(body, "old", "new") == wanted
    assert inbound.rewrite("Nothing.\n", "old", "new") == "Nothing.\n"


def test_it_rewrites_slugs_of_any_script():
    written = "[a](/posts/größe/) [b](/posts/gr%C3%B6%C3%9Fe/)\n"
    assert inbound.rewrite(written, "größe", "maß") == "[a](/posts/maß/) [b](/posts/maß/)\n"


def test_links_follow_a_post_that_moves(now, client, django_capture_on_commit_callbacks):
    target = make.post("Target", slug="old", status="draft")
    linking = make.post("Linking", body="[it](/posts/old/)\n")
    other = make.post("Other", body="Nothing.\n")
    newer = contents.read(other) | {"body": "[it](/posts/old/)\n"}
    editing.save(other, newer, at=now, by=None, on_top=True)
    target.slug = "new"
    with django_capture_on_commit_callbacks(execute=True):
        workflow.save(target, at=now)
    assert {post.title for post in inbound.follow(target.pk, "old", at=now)} <= {"Linking", "Other"}
    linking, other = Post.objects.get(pk=linking.pk), Post.objects.get(pk=other.pk)
    assert linking.body == "[it](/posts/new/)\n" and 'href="/posts/new/"' in linking.body_html
    assert linking.changed_at is None and "follow it" in linking.revisions.first().note
    assert other.body == "Nothing.\n" and other.draft.content["body"] == "[it](/posts/new/)\n"


def test_a_link_whose_text_was_not_rewritten_still_leads_there(now, client):
    target = make.post("Target", slug="old")
    target.slug = "new"
    workflow.save(target, at=now)
    assert client.get("/posts/old/")["Location"] == "/posts/new/"


def test_it_rewrites_nothing_when_another_post_has_taken_the_address(now):
    target = make.post("Target", slug="old")
    target.slug = "new"
    workflow.save(target, at=now)
    make.post("Heir", slug="old")
    linking = make.post("Linking", body="[it](/posts/old/)\n")
    assert list(inbound.follow(target.pk, "old", at=now)) == []
    assert Post.objects.get(pk=linking.pk).body == "[it](/posts/old/)\n"


def test_it_asks_an_index_for_what_links():
    with connection.cursor() as cursor:  # of a few rows, PostgreSQL would rather read all, by whichever index
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        # Of no rows at all, any index of the posts that are kept reads as little: they go until the test ends.
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'blog_post' AND indexdef LIKE '% WHERE %'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    assert "post_leads" in inbound.linking_to(["target"]).explain()


@pytest.mark.parametrize(
    "facts", [{}, {"links": None, "crossings": {}}, {"links": [f"/posts/{'x' * 5_000}/", "/posts/t?a#b"]}]
)
def test_no_facts_keep_a_post_from_being_saved(facts):
    post = make.post()
    Post.objects.filter(pk=post.pk).update(facts=facts)
    assert inbound.linking_to(["t"]).exists() == ("/posts/t?a#b" in (facts.get("links") or []))
