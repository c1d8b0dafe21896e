from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.models import Figure, Post
from blog.publishing import audit, review
from tests import make

from .conftest import address


def box(client, key: str):
    return next(one for one in client.get("/admin/").context["boxes"] if one.key == key)


def titles(client, key: str) -> list[str]:
    return [line.title for line in box(client, key).lines]


def own(client, **over) -> Post:
    post = make.post(**{"status": "draft"} | over)
    Post.objects.filter(pk=post.pk).update(created_by=client.user)
    return Post.objects.get(pk=post.pk)


def test_it_shows_each_what_is_theirs(cast):
    author, editor = cast("author"), cast("editor")
    own(author, title="By the author")
    theirs = own(editor, title="By the editor", status="review")
    assert titles(author, "mine") == ["By the author"]
    assert titles(editor, "mine") == ["By the editor"]
    assert titles(editor, "waiting") == []
    assert titles(cast("publisher"), "waiting") == ["By the editor"]
    page = author.get("/admin/").content.decode()
    assert theirs.title not in page
    assert 'id="desk-stale"' not in page
    assert f'href="{address()}"' in page


def test_what_one_has_judged_waits_no_longer(cast):
    author, editor = cast("author"), cast("editor")
    post = own(author, title="Wanted", status="review")
    review.judge(
        post,
        "approved",
        by=editor.user,
        at=timezone.now(),
        seen=review.approvals.digest(review.contents.read(post)),
    )
    assert titles(editor, "waiting") == []


def test_comments_reach_the_author_and_answers_the_one_who_asked(cast):
    author, editor = cast("author"), cast("editor")
    post = own(author)
    one = review.comment(post, "Why so?", by=editor.user, at=timezone.now())
    assert titles(author, "comments") == ["Why so?"]
    assert titles(editor, "comments") == []
    review.reply(one, "Because.", by=author.user, at=timezone.now())
    assert titles(editor, "comments") == ["Why so?"]
    review.resolve(one, by=author.user, at=timezone.now())
    assert titles(author, "comments") == titles(editor, "comments") == []


def test_it_shows_the_next_that_appear_and_what_has_grown_old(cast, settings):
    settings.AGE_NOTICE_YEARS = 2
    now = timezone.now()
    for days in (3, 1, 2):
        make.post(f"In {days}", at=now + timedelta(days=days))
    make.post("Old", at=now - timedelta(days=1000))
    make.post("Old but changed", at=now - timedelta(days=1001))
    Post.objects.filter(title="Old but changed").update(changed_at=now)
    editor = cast("editor")
    assert titles(editor, "planned") == ["In 1", "In 2", "In 3"]
    assert titles(editor, "stale") == ["Old"]


def test_it_shows_what_stands_in_the_way_and_figures_that_say_too_little(cast):
    editor = cast("editor")
    post = make.post("Odd")
    facts = {"problems": [{"code": "raw-html", "message": "HTML is text here.", "line": 3}]}
    Post.objects.filter(pk=post.pk).update(facts=facts)
    assert box(editor, "failing").lines[0].said == "HTML is text here."
    make.figure("event-bus", alt="Bus.")
    make.figure("unused", alt="Bus.")
    make.post("Shown", body="![](figure:event-bus)\n")
    assert titles(editor, "wordless") == ["event-bus"]
    assert Figure.objects.count() == 2


def test_empty_boxes_say_what_would_be_in_them(cast):
    page = cast("publisher").get("/admin/").content.decode()
    for words in (
        "No draft of yours",
        "Nothing waits for your judgement",
        "Nothing is scheduled",
        "Everything",
    ):
        assert words in page
    operator = cast("operator").get("/admin/").content.decode()
    assert "desk-activity" in operator
    assert "desk-mine" not in operator


def test_what_was_done_lately_is_not_pushed_out_by_tries_to_log_in(cast):
    at = timezone.now()
    editor = cast("editor")
    audit.record("post.saved", own(editor, title="Written"), by=editor.user, at=at)
    for _ in range(20):
        audit.record("login.failed", None, by=None, at=at)
    assert "Written" in titles(editor, "activity")
    assert "Written" not in titles(cast("operator"), "activity")  # whose business they are


def test_it_asks_as_much_however_many_posts_there_are(cast):
    publisher = cast("publisher")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert publisher.get("/admin/").status_code == 200
        return len(queries)

    make.post(status="review")
    few = asked()
    rows = [Post(title=f"P{n}", slug=f"p{n}", status="review", created_by=publisher.user) for n in range(60)]
    Post.objects.bulk_create(rows)
    assert asked() == few <= 15
