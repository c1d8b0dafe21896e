import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.admin.level import LevelAdmin
from blog.models import LearningLevel, Post
from tests import make

from .conftest import said

LIST = "/admin/blog/learninglevel/"


@pytest.mark.parametrize("way", ["page", "action"])
def test_it_refuses_to_delete_a_level_in_use_naming_a_few_posts_and_counting_the_rest(editor, way):
    level = make.level(300)
    post = make.post("The newest", learning_level=level)
    Post.objects.bulk_create(Post(title=f"P{n}", slug=f"p{n}", learning_level=level) for n in range(40))
    with CaptureQueriesContext(connection) as queries:
        if way == "page":
            response = editor.post(f"{LIST}{level.pk}/delete/", {"post": "yes"})
        else:
            response = editor.post(
                LIST, {"action": "delete_selected", "_selected_action": level.pk, "post": "yes"}
            )
    page = response.content.decode()
    assert page.count('<a href="/admin/blog/post/') >= 20
    assert "and 21 others" in page
    assert LearningLevel.objects.filter(pk=level.pk).exists()
    assert post.learning_level == level
    reading = [q["sql"] for q in queries if 'FROM "blog_post"' in q["sql"] and "COUNT(" not in q["sql"]]
    assert reading
    assert all("LIMIT 20" in sql for sql in reading)


def test_it_deletes_a_level_that_no_post_has(editor):
    level = LearningLevel.objects.create(number=500, name="Odd", slug="odd-500", description="Nobody.")
    assert editor.post(f"{LIST}{level.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not LearningLevel.objects.filter(number=500).exists()


def test_a_renamed_level_leads_on(editor, client):
    level = make.level(300)
    data = {"number": 300, "name": "Deep", "slug": "deep-300", "description": level.description}
    assert editor.post(f"{LIST}{level.pk}/change/", data).status_code == 302
    response = client.get("/category/learning-levels/advanced-300/")
    assert (response.status_code, response["Location"]) == (301, "/category/learning-levels/deep-300/")


@pytest.mark.parametrize("way", ["page", "action"])
def test_what_comes_into_use_while_its_deletion_is_asked_about_is_refused_kindly(editor, monkeypatch, way):
    level = make.post().learning_level
    # What another editor's save between question and answer amounts to: the answer no longer fits.
    monkeypatch.setattr(LevelAdmin, "posts_using", lambda self, objs: None)
    if way == "page":
        url = f"{LIST}{level.pk}/delete/"
        response = editor.post(url, {"post": "yes"}, follow=True)
    else:
        data = {"action": "delete_selected", "_selected_action": [level.pk], "post": "yes"}
        response = editor.post(LIST, data, follow=True)
    assert response.status_code == 200
    assert said(response) == "Nothing was deleted: it has come into use meanwhile."
    assert LearningLevel.objects.filter(pk=level.pk).exists()
    assert not LogEntry.objects.exists()


def test_whoever_chooses_a_level_reads_whom_it_is_for(editor):
    level = make.level(300)
    LearningLevel.objects.filter(pk=level.pk).update(
        description="For readers who run it. Goes into failures."
    )
    asked = {"app_label": "blog", "model_name": "post", "field_name": "learning_level", "term": "300"}
    (answer,) = editor.get("/admin/autocomplete/", asked).json()["results"]
    assert answer == {"id": str(level.pk), "text": f"{level}: For readers who run it."}
    LearningLevel.objects.filter(pk=level.pk).update(description="For all")
    assert editor.get("/admin/autocomplete/", asked).json()["results"][0]["text"] == f"{level}: For all"
