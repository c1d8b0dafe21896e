from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Event, Listing, Operation, Post
from tests import make

from .conftest import address, said

LIST = "/admin/blog/post/"
DRAFT = Post.Status.DRAFT


def chosen(action, *posts, **values):
    return {"action": action, "_selected_action": [post.pk for post in posts]} | values


def confirmed(action, *posts, **values):
    return chosen(action, *posts, confirm="yes", **values)


def undone(editor):
    return editor.post(f"/admin/blog/operation/{Operation.objects.first().pk}/undo/", follow=True)


def test_it_asks_before_it_changes_anything(editor, django_assert_max_num_queries):
    posts = [make.post(f"Post {n}", status=DRAFT) for n in range(3)]
    editor.get(LIST)
    with django_assert_max_num_queries(15):
        page = editor.post(LIST, chosen("level", *posts))
    text = page.content.decode()
    assert page.status_code == 200 and "3 posts" in text and "Post 2" in text and "Advanced (300)" in text
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("action", "value", "told"),
    [
        ("level", lambda: make.level(400).pk, "2 posts set to Expert (400)."),
        ("add_categories", lambda: make.category("messaging").pk, "2 posts filed under Messaging."),
        ("add_tags", lambda: "queues, load", "2 posts tagged load, queues."),
        ("add_authors", lambda: make.author("Bo Carr").pk, "Bo Carr named as author of 2 posts."),
    ],
)
def test_it_files_what_is_selected_and_undoes_it_with_one_click(editor, action, value, told):
    posts = [make.post(), make.post(status=DRAFT)]
    response = editor.post(LIST, confirmed(action, *posts, chosen=value()), follow=True)
    assert told in said(response)
    assert f'action="/admin/blog/operation/{Operation.objects.get().pk}/undo/"' in said(response)
    assert "2 posts put back as before." in said(undone(editor))
    assert Operation.objects.get().undone_at


def test_it_publishes_and_withdraws_a_selection_and_says_what_each_lacks(editor):
    ready, lacking = make.post("Ready", status=DRAFT), make.post("Lacking", status=DRAFT, summary="")
    response = editor.post(LIST, confirmed("publish_selected", ready, lacking), follow=True)
    assert "1 post published." in said(response)
    assert f'<a href="{address(lacking)}#id_summary">The summary is missing' in said(response)
    assert [p.status for p in Post.objects.order_by("title")] == ["draft", "published"]
    assert Event.objects.filter(verb="post.published", who__username="editor").count() == 1
    response = editor.post(LIST, confirmed("withdraw_selected", ready, lacking), follow=True)
    assert "1 post withdrawn." in said(response) and "was not published" in said(response)
    assert not Listing.objects.exists()


def test_it_names_what_leads_to_a_post_before_it_is_withdrawn(editor):
    post = make.post("Target", slug="target")
    make.post("Linking", body="[it](/posts/target/)\n")
    page = editor.post(LIST, chosen("withdraw_selected", post)).content.decode()
    assert "What leads here" in page and "Linking" in page
    assert Post.objects.get(pk=post.pk).status == "published"


def test_the_calendar_beside_a_date_has_its_words(editor):
    page = editor.post(LIST, chosen("schedule", make.post(status=DRAFT))).content.decode()
    assert page.index("/admin/jsi18n/") < page.index("DateTimeShortcuts.js")


def test_it_schedules_a_selection_for_a_moment_ahead(editor):
    post = make.post(status=DRAFT, published_at=None)
    late, soon = timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=3)

    def at(when):
        return {"chosen_0": f"{when:%Y-%m-%d}", "chosen_1": f"{when:%H:%M:%S}"}

    page = editor.post(LIST, confirmed("schedule", post, **at(late)))
    assert "has passed" in page.content.decode() and Post.objects.get().status == DRAFT
    editor.post(LIST, confirmed("schedule", post, **at(soon)))
    assert Post.objects.get().is_scheduled(timezone.now())


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("level", "99999999999999999999999"),
        ("level", ""),
        ("add_categories", "x\x00"),
        ("add_tags", "+++"),
        ("add_tags", "x" * 200),
        ("add_tags", "a\x00b"),
        ("add_tags", ""),
        ("add_authors", "-1"),
    ],
)
def test_it_refuses_odd_values_with_a_sentence(editor, action, value):
    post = make.post()
    page = editor.post(LIST, confirmed(action, post, chosen=value))
    assert page.status_code == 200 and page.context["form"].errors
    assert not Operation.objects.exists()


@pytest.mark.parametrize("action", ["publish_selected", "trash_selected"])
def test_no_action_takes_more_rows_than_it_can_answer_for(editor, action):
    Post.objects.bulk_create(Post(title=f"P{n}", slug=f"p{n}") for n in range(501))
    asked = {"action": action, "select_across": "1", "_selected_action": Post.objects.first().pk}
    assert "choose fewer" in editor.post(LIST, asked | {"confirm": "yes"}, follow=True).content.decode()
    assert Post.objects.kept().filter(status=DRAFT).count() == 501


@pytest.mark.parametrize(
    "action", ["level", "publish_selected", "schedule", "withdraw_selected", "trash_selected"]
)
def test_it_denies_every_action_to_those_who_may_only_look(staff, client, action):
    post = make.post(status=DRAFT)
    assert staff("view_post").post(LIST, confirmed(action, post)).status_code == 403
    assert client.post(LIST, confirmed(action, post)).status_code == 302
    assert Post.objects.kept().get().status == DRAFT and not Operation.objects.exists()


def test_an_author_changes_own_drafts_and_nothing_of_others_or_of_what_is_live(staff):
    client = staff("add_post", "change_post")
    me = client.get(LIST).wsgi_request.user
    mine, theirs, live = make.post("Mine", status=DRAFT), make.post("Theirs", status=DRAFT), make.post("Live")
    Post.objects.filter(pk__in=[mine.pk, live.pk]).update(created_by=me)
    response = client.post(LIST, confirmed("add_tags", mine, theirs, live, chosen="queues"), follow=True)
    assert "1 post tagged queues." in said(response)
    assert list(Post.objects.filter(tags__name="queues")) == [mine]
    denied = client.post(LIST, confirmed("publish_selected", mine))
    assert denied.status_code == 403 and Post.objects.get(pk=mine.pk).status == DRAFT
