import re

import pytest

from blog.models import Post, Tag
from tests import make

LIST = "/admin/blog/tag/"


def test_it_counts_the_posts_of_a_tag(editor):
    make.post(tags=["queues", "load"])
    make.post(tags=["queues"])
    page = editor.get(LIST).content.decode()
    assert "2 posts" in page
    assert "1 post<" in page


def test_it_counts_no_further_than_a_list_needs(editor, monkeypatch):
    monkeypatch.setattr("blog.admin.tag.COUNTED", 2)
    for tags in (["queues", "load"], ["queues", "load"], ["queues"], ["queues"]):
        make.post(tags=tags)
    page = editor.get(LIST).content.decode()
    assert "2+ posts" in page and "2 posts" in page and "3" not in re.findall(r"(\d)\+? posts", page)


def test_a_renamed_tag_leads_on(editor, client):
    make.post(tags=["queues"])
    tag = Tag.objects.get()
    assert editor.post(f"{LIST}{tag.pk}/change/", {"name": "Queueing", "slug": "queueing"}).status_code == 302
    assert client.get("/tag/queues/")["Location"] == "/tag/queueing/"


@pytest.mark.parametrize("name", ["POSTGRESQL", "postgresql ", "+++", "", "x\x00"])
def test_it_refuses_another_case_of_a_tag_and_what_could_have_no_page(editor, name):
    Tag.objects.create(name="PostgreSQL", slug="postgresql")
    response = editor.post(f"{LIST}add/", {"name": name, "slug": "other"})
    assert response.status_code == 200
    assert response.context["errors"]
    assert Tag.objects.count() == 1


def test_it_says_how_many_posts_lose_a_deleted_tag_and_keeps_them(editor, client):
    post = make.post(tags=["queues"])
    url = f"{LIST}{Tag.objects.get().pk}/delete/"
    assert "Taken off 1 post;" in editor.get(url).content.decode()
    assert editor.post(url, {"post": "yes"}).status_code == 302
    assert Post.objects.get() == post
    assert client.get("/tag/queues/").status_code == 404
