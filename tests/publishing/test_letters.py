"""Letters about reviews, sent for real into the outbox of the tests."""

import logging

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from blog.models import Post, Preference
from blog.publishing import approvals, contents, letters, review, roles
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mailing(settings):
    settings.MAIL = True
    settings.SITE_URL = "https://blog.example.org"


@pytest.fixture
def people():
    """An author, two editors and somebody without a role, all with an address."""
    roles.install()
    made = {}
    for name, role in (("ada", "author"), ("bo", "editor"), ("cy", "editor"), ("dee", "")):
        made[name] = get_user_model().objects.create_user(name, f"{name}@example.org", "pass", is_staff=True)
        if role:
            made[name].groups.add(Group.objects.get(name=role))
    return made


@pytest.fixture
def post(people):
    return make.post("A queue", status=Post.Status.DRAFT, created_by=people["ada"])


def work() -> None:
    """Does what waits, as a worker would."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path=letters.send.module_path)
    for one in waiting.order_by("enqueued_at"):
        one.claim("here")
        one.set_successful(letters.send.call(*one.task_result.args, **one.task_result.kwargs))


def sent(deed, django_capture_on_commit_callbacks) -> dict[str, str]:
    """To whom the deed writes, and the text."""
    with django_capture_on_commit_callbacks(execute=True):
        deed()
    work()
    assert all(len(one.to) == 1 and not one.cc and not one.bcc for one in mail.outbox)
    return {one.to[0]: one.body for one in mail.outbox}


def test_those_who_may_review_learn_that_a_post_waits(people, post, now, django_capture_on_commit_callbacks):
    told = sent(
        lambda: review.hand_over(
            post, to_review=True, by=people["ada"], at=now, note="Please look.\nThanks."
        ),
        django_capture_on_commit_callbacks,
    )
    assert told.keys() == {"bo@example.org", "cy@example.org"}
    body = told["bo@example.org"]
    assert "ada asks for a review of “A queue”." in body and "> Please look.\n> Thanks." in body
    assert f"https://blog.example.org/admin/blog/post/{post.pk}/review/" in body
    assert "https://blog.example.org/admin/blog/post/zone/" in body
    assert mail.outbox[0].subject == "[Stratum] ada asks for a review of “A queue”."


def test_the_writer_learns_of_comments_and_who_talks_of_answers(
    people, post, now, django_capture_on_commit_callbacks
):
    def talk():
        first = review.comment(post, "Why?", by=people["bo"], at=now)
        review.reply(first, "Because.", by=people["ada"], at=now)

    told = sent(talk, django_capture_on_commit_callbacks)
    assert "> Why?" in told["ada@example.org"] and "> Because." in told["bo@example.org"]
    assert told.keys() == {"ada@example.org", "bo@example.org"}


@pytest.mark.parametrize(
    ("verdict", "words"), [("approved", "has approved"), ("changes", "asks for changes to")]
)
def test_the_writer_learns_of_verdicts(people, post, now, verdict, words, django_capture_on_commit_callbacks):
    seen = approvals.digest(contents.head(post))
    told = sent(
        lambda: review.judge(post, verdict, by=people["bo"], at=now, seen=seen, sentence="Shorter."),
        django_capture_on_commit_callbacks,
    )
    assert told.keys() == {"ada@example.org"} and f"bo {words} “A queue”." in told["ada@example.org"]
    assert "> Shorter." in told["ada@example.org"]


@pytest.mark.parametrize("why", ["turned off", "left", "no address"])
def test_it_leaves_alone_who_does_not_want_it_or_is_gone(
    people, post, now, why, django_capture_on_commit_callbacks
):
    if why == "turned off":
        Preference.objects.create(user=people["ada"], mail=False)
    else:
        change = {"is_active": False} if why == "left" else {"email": ""}
        get_user_model().objects.filter(pk=people["ada"].pk).update(**change)
    deed = lambda: review.comment(post, "Why?", by=people["bo"], at=now)  # noqa: E731
    assert sent(deed, django_capture_on_commit_callbacks) == {}


def test_it_writes_nothing_where_mail_is_not_set_up(
    people, post, now, settings, django_capture_on_commit_callbacks
):
    settings.MAIL = False
    deed = lambda: review.comment(post, "Why?", by=people["bo"], at=now)  # noqa: E731
    assert sent(deed, django_capture_on_commit_callbacks) == {} and not DBTaskResult.objects.exists()


def test_it_tries_again_later_and_logs_no_address(people, post, now, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "robot", "hunter2-secret"
    caplog.set_level(logging.INFO)
    assert letters.send.call(letters.COMMENTED, post.pk, people["ada"].pk, "bo", "Why?") is False
    again = DBTaskResult.objects.get()
    assert again.task_result.args[-1] == 1 and again.run_after is not None
    assert "was not sent" in caplog.text
    assert not any(word in caplog.text for word in ("hunter2", "ada@", "Why?"))
    letters.send.call(letters.COMMENTED, post.pk, people["ada"].pk, "bo", "Why?", letters.TRIES - 1)
    assert DBTaskResult.objects.count() == 1


def test_a_title_can_not_smuggle_in_a_header(people, post):
    post.title = "A queue\nBcc: everybody@example.org"
    made = letters.letter(letters.COMMENTED, post, name="bo", said="", to="ada@example.org")
    assert "\n" not in made.subject and "everybody@example.org" in made.subject
    assert "Bcc" not in made.message()
