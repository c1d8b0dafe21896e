from datetime import timedelta

import pytest

from blog.models import LinkCheck, Post
from blog.publishing import links, watching
from blog.publishing.asking import Answer
from tests import make

pytestmark = pytest.mark.django_db
WELL, GONE, SILENT = (
    Answer(200, "it answers 200 (OK)."),
    Answer(404, "it answers 404 (Not Found)."),
    Answer(None, "no."),
)


@pytest.fixture
def answers(monkeypatch):
    """What each address answers; 200 where nothing is said. Records what was asked."""
    given, asked = {}, []

    def ask(url, **how):
        asked.append((url, how["agent"]))
        return given.get(url, WELL)

    monkeypatch.setattr(links, "ask", ask)
    given["asked"] = asked
    return given


def linking(*urls, **over):
    return make.post(body="\n\n".join(f"[a page]({url})" for url in urls), **over)


def test_it_collects_only_what_readers_are_led_to(now, settings):
    settings.SITE_URL = "https://blog.example.org"
    linking("https://a.example/", "https://blog.example.org/posts/x/", "/posts/y/", "mailto:x@example.org")
    linking("https://draft.example/", status="draft")
    linking("https://tomorrow.example/", at=now + timedelta(days=1))
    linking("https://over.example/", expires_at=now - timedelta(days=1))
    linking("https://a.example/", "https://b.example/" + "x" * 2_000)
    assert links.collect(at=now) == 1
    assert [row.url for row in LinkCheck.objects.all()] == ["https://a.example/"]
    assert links.collect(at=now) == 0


def test_it_forgets_what_nobody_links_to_any_more(now):
    post = linking("https://a.example/", "https://b.example/")
    links.collect(at=now)
    Post.objects.filter(pk=post.pk).update(facts={"links": ["https://b.example/"]})
    assert links.forget() == 1
    assert LinkCheck.objects.get().url == "https://b.example/"


def test_it_asks_each_host_once_a_round(now, answers, settings):
    settings.SITE_URL = "https://blog.example.org"
    linking("https://a.example/1", "https://a.example/2", "https://b.example/1")
    links.collect(at=now)
    assert {row.url for row in links.check_round(at=now)} == {"https://a.example/1", "https://b.example/1"}
    assert [row.url for row in links.check_round(at=now)] == ["https://a.example/2"]
    assert links.check_round(at=now) == []
    assert "https://blog.example.org/" in answers["asked"][0][1]


def test_it_remembers_since_when_an_address_fails_and_asks_again_sooner(now, answers):
    linking("https://a.example/")
    links.collect(at=now)
    answers["https://a.example/"] = GONE
    for hours, failures in ((0, 1), (1, 2), (8, 3)):
        (row,) = links.check_round(at=now + timedelta(hours=hours))
        assert (row.failures, row.failing_since, row.status) == (failures, now, 404)
    assert row.note == "It answers 404 (Not Found)."
    assert row.due_at == now + timedelta(days=1, hours=8)
    answers["https://a.example/"] = WELL
    (row,) = links.check_round(at=now + timedelta(days=3))
    assert (row.failures, row.failing_since) == (0, None)
    assert row.due_at == now + timedelta(days=10)


@pytest.mark.parametrize(
    ("answer", "well"),
    [(WELL, True), (Answer(403, ""), True), (Answer(429, ""), True), (GONE, False), (SILENT, False)],
)
def test_it_takes_a_closed_door_for_no_failure(answer, well):
    assert links.is_well(answer) is well


def test_a_run_goes_on_until_nothing_is_due_and_rests_between(now, answers):
    linking("https://a.example/1", "https://a.example/2")
    rests = []
    asked = list(links.check_all(now=lambda: now, pause=rests.append))
    assert len(asked) == 2
    assert rests == [1.0, 1.0]


def test_the_task_leaves_the_next_one_behind_and_never_two(answers, settings):
    from django_tasks_db.models import DBTaskResult

    settings.CHECK_LINKS = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    linking("https://a.example/1")
    DBTaskResult.objects.all().delete()
    assert watching.check_links.func() == 1
    assert watching.check_links.func() == 0
    assert DBTaskResult.objects.filter(task_path=watching.check_links.module_path).count() == 1


def test_the_task_asks_nothing_where_the_setting_is_off(answers, settings):
    settings.CHECK_LINKS = False
    linking("https://a.example/1")
    assert watching.check_links.func() == 0
    assert answers["asked"] == []


def test_a_post_that_comes_out_has_its_links_asked_for(answers, settings, django_capture_on_commit_callbacks):
    settings.CHECK_LINKS = True
    with django_capture_on_commit_callbacks() as after:
        post = linking("https://a.example/1")
        make.post()
    assert watching.note_links.func(post.pk) == 1
    assert sum("watch_links" in repr(one) for one in after) == 1
