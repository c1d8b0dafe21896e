import pytest
from django.urls import reverse

from blog.models import Approval, Comment, Post
from tests import make

from .conftest import address, fields, said

BODY = "## Why\n\nQueues fill up.\n\n![](figure:event-bus)\n\nReaders wait.\n"


def url(post: Post) -> str:
    return reverse("admin:blog_post_review", args=[post.pk])


@pytest.fixture
def post(db) -> Post:
    make.figure("event-bus")
    return make.post("Queues", status="review", body=BODY)


@pytest.fixture
def reviewer(cast):
    return cast("editor")


def seen(client, post) -> str:
    return client.get(url(post)).context["seen"]


def test_it_shows_what_was_said_beside_its_passage(reviewer, post):
    for passage, text in (
        ("2", "All of them? <b>"),
        ("3", "Which bus?"),
        ("", "Well done."),
        ("title", "Dull."),
    ):
        response = reviewer.post(url(post), {"do": "comment", "passage": passage, "text": text})
        assert response["Location"].startswith(f"{url(post)}#comment-")
    page = reviewer.get(url(post))
    beside = {
        one.number: [t.first.text for t in one.threads] for one in page.context["passages"] if one.threads
    }
    assert beside == {2: ["All of them? <b>"], 3: ["Which bus?"]}
    html = page.content.decode()
    assert "All of them? &lt;b&gt;" in html
    assert html.index("Queues fill up.") < html.index("All of them?") < html.index("Readers wait.")
    assert "Dull." in html
    quoted = Comment.objects.get(place="body")
    assert (quoted.quote, quoted.before, quoted.version) == ("Queues fill up.", "Why", post.version)
    form = reviewer.get(address(post)).content.decode()
    assert "All of them?" in form
    assert url(post) in form


def test_it_keeps_the_words_that_were_selected_and_follows_them(reviewer, post):
    data = {
        "do": "comment",
        "passage": "2",
        "text": "Fill?",
        "quote": "fill  up",
        "before": "Queues",
        "after": ".",
    }
    reviewer.post(url(post), data)
    assert Comment.objects.get().quote == "fill up"
    reviewer.post(address(post), fields(post, body=f"New.\n\n{BODY}") | {"_save": "1"})
    assert [one.number for one in reviewer.get(url(post)).context["passages"] if one.threads] == [3]
    reviewer.post(address(post), fields(Post.objects.get(), body="Other.\n") | {"_save": "1"})
    page = reviewer.get(url(post))
    assert [one.first.text for one in page.context["lost"]] == ["Fill?"]
    assert "no longer in the text" in page.content.decode()


def test_words_that_are_not_in_the_text_are_no_quotation(reviewer, post):
    reviewer.post(url(post), {"do": "comment", "passage": "2", "text": "x", "quote": "invented"})
    assert Comment.objects.get().quote == "Queues fill up."


def test_it_offers_every_passage_without_a_script(reviewer, post):
    page = reviewer.get(f"{url(post)}?on=4").content.decode()
    assert '<option value="4" selected>4. Readers wait.</option>' in page
    assert page.count('id="write"') == 1


def test_one_answers_and_resolves_and_opens_again(reviewer, post):
    reviewer.post(url(post), {"do": "comment", "passage": "2", "text": "All?"})
    one = Comment.objects.get()
    reviewer.post(url(post), {"do": "reply", "comment": one.pk, "text": "Nearly."})
    assert one.replies.get().author == reviewer.user
    for do, done in (("resolve", True), ("reopen", False)):
        assert reviewer.post(url(post), {"do": do, "comment": one.pk}).status_code == 302
        one.refresh_from_db()
        assert bool(one.resolved_at) == done


def test_an_empty_comment_comes_back_with_what_was_typed(reviewer, post):
    response = reviewer.post(url(post), {"do": "comment", "passage": "2", "text": " "})
    assert response.status_code == 200
    assert "says nothing yet" in said(response)
    assert 'value="2" selected' in response.content.decode()
    long = "x" * 5_001
    assert long in reviewer.post(url(post), {"do": "comment", "text": long}).content.decode()


def test_a_reviewer_approves_and_asks_for_changes(reviewer, post):
    data = {"do": "approve", "seen": seen(reviewer, post)}
    assert "have approved" in said(reviewer.post(url(post), data, follow=True))
    assert Approval.objects.get().verdict == "approved"
    data |= {"do": "changes", "sentence": ""}
    assert "Say in a sentence" in said(reviewer.post(url(post), data))
    page = reviewer.post(url(post), data | {"sentence": "Name the queues."}, follow=True)
    assert "Name the queues." in page.content.decode()
    post.refresh_from_db()
    assert post.status == "draft"


def test_it_does_not_judge_what_was_saved_while_somebody_read(reviewer, post):
    before = seen(reviewer, post)
    reviewer.post(address(post), fields(post, title="Other") | {"_save": "1"})
    response = reviewer.post(url(post), {"do": "approve", "seen": before})
    assert "saved while you were reading" in said(response)
    assert not Approval.objects.exists()


def test_an_author_submits_with_a_note_answers_and_judges_nothing(cast, reviewer):
    author = cast("author")
    mine = make.post("Mine", status="draft")
    Post.objects.filter(pk=mine.pk).update(created_by=author.user)
    assert author.post(url(mine), {"do": "submit", "note": "Mind the end."}).status_code == 302
    mine.refresh_from_db()
    assert mine.status == "review"
    assert "Mind the end." in reviewer.get(url(mine)).content.decode()
    reviewer.post(url(mine), {"do": "comment", "passage": "1", "text": "Why first?"})
    one = Comment.objects.get(place="body")
    assert author.post(url(mine), {"do": "reply", "comment": one.pk, "text": "So."}).status_code == 302
    for do in ("approve", "changes"):
        data = {"do": do, "seen": seen(author, mine), "sentence": "Mine."}
        assert author.post(url(mine), data).status_code == 403
    assert b'value="approve"' not in author.get(url(mine)).content
    assert author.post(url(mine), {"do": "take_back"}).status_code == 302
    mine.refresh_from_db()
    assert mine.status == "draft"


def test_who_may_only_look_reads_and_says_nothing(staff, post):
    looking = staff("view_post")
    page = looking.get(url(post))
    assert page.status_code == 200
    assert b"<textarea" not in page.content
    for do in ("comment", "reply", "resolve", "reopen", "approve", "changes", "submit", "take_back"):
        assert (
            looking.post(url(post), {"do": do, "text": "x", "comment": "1", "seen": "x"}).status_code == 403
        ), do
    assert not Comment.objects.exists()


def test_a_comment_of_another_post_is_not_touched(reviewer, post):
    other = make.post("Other", status="review")
    reviewer.post(url(other), {"do": "comment", "text": "There."})
    one = Comment.objects.get()
    for do in ("reply", "resolve"):
        assert reviewer.post(url(post), {"do": do, "comment": one.pk, "text": "x"}).status_code == 404


def test_the_draft_on_top_is_what_is_reviewed(cast, reviewer):
    live = make.post("Live", body="Old words.\n")
    reviewer.post(address(live), fields(live, body="New words.\n") | {"_save": "1"})
    page = reviewer.get(url(live)).content.decode()
    assert "New words." in page
    assert "Old words." not in page
    assert reviewer.post(url(live), {"do": "submit", "note": "Please."}).status_code == 302
    other = cast("editor", "other")
    assert url(live) in other.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {}, {"do": "x"}, {"do": "comment", "passage": "99", "text": "x"}, {"do": "comment", "passage": "-1", "text": "x"},
        {"do": "comment", "passage": "9" * 40, "text": "x"}, {"do": "reply", "comment": "x", "text": "x"},
        {"do": "comment", "passage": "2", "quote": "\ud800", "text": "x"}, {"do": "approve"}, {"do": "approve", "seen": "\x00"},
        {"do": "changes", "seen": "x", "sentence": "x" * 600}, {"do": "comment", "text": "a\x00b"},
    ],
)  # fmt: skip
def test_odd_input_is_answered_with_a_page(reviewer, post, data):
    data = {name: value.encode("utf-8", "surrogatepass") for name, value in data.items()}
    assert reviewer.post(url(post), data).status_code in {200, 302, 400, 404}
    assert reviewer.get(f"{url(post)}?on=%00%ff").status_code in {200, 400}


def test_it_shows_a_long_conversation_in_as_many_queries(reviewer, post, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        reviewer.get(url(post))
    for n in range(20):
        reviewer.post(url(post), {"do": "comment", "passage": "2", "text": f"No. {n}"})
    with django_assert_max_num_queries(15):
        reviewer.get(url(post))


def test_a_category_says_how_many_must_approve(editor, cast):
    category = make.category("secure")
    page = reverse("admin:blog_category_change", args=[category.pk])
    data = {
        "name": "Secure",
        "slug": "secure",
        "position": 0,
        "parent": "",
        "description": "",
        "approvals": 1,
    }
    assert editor.post(page, data).status_code == 302
    post = make.post("Safe", status="draft", categories=[category])
    publisher = cast("publisher")
    response = publisher.post(address(post), fields(post) | {"_publish": "1"}, follow=True)
    assert "not published" in said(response)
    assert "One more approval is needed" in response.content.decode()
    chosen = {"action": "publish_selected", "_selected_action": [post.pk]}
    publisher.post("/admin/blog/post/", chosen, follow=True)
    post.refresh_from_db()
    assert post.status == "draft"
    publisher.post(url(post), {"do": "approve", "seen": seen(publisher, post)})
    publisher.post(address(post), fields(post) | {"_publish": "1"})
    post.refresh_from_db()
    assert post.status == "published"
