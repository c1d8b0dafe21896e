import pytest

from blog.models import Author
from tests import make

LIST = "/admin/blog/author/"


def given(**over) -> dict:
    return {"name": "Bo Lind", "slug": "bo-lind", "role": "", "bio": "", "links": ""} | over


def test_it_takes_links_as_lines_and_shows_them_so(editor):
    lines = "My own site https://bo.example/\r\n\r\nCode https://code.example/~bo"
    assert editor.post(f"{LIST}add/", given(links=lines)).status_code == 302
    author = Author.objects.get()
    assert author.links == [
        {"label": "My own site", "url": "https://bo.example/"},
        {"label": "Code", "url": "https://code.example/~bo"},
    ]
    assert (
        "My own site https://bo.example/\nCode https"
        in editor.get(f"{LIST}{author.pk}/change/").content.decode()
    )


@pytest.mark.parametrize(
    "line", ["https://bare.example/", "Label javascript:alert(1)", "words only", "x ftp://a.example/"]
)
def test_it_names_the_line_of_a_link_that_is_none(editor, line):
    response = editor.post(f"{LIST}add/", given(links=f"Fine https://fine.example/\r\n{line}"))
    assert "Line 2: " in str(response.context["adminform"].form.errors["links"])
    assert not Author.objects.exists()


def test_a_renamed_author_leads_on(editor, client):
    author = make.author()
    make.post(authors=[author])
    assert editor.post(f"{LIST}{author.pk}/change/", given(slug="ada-lind")).status_code == 302
    assert client.get("/author/ada-ferrant/")["Location"] == "/author/ada-lind/"


def test_it_refuses_to_delete_an_author_of_posts_and_links_to_them(editor):
    author = make.author()
    post = make.post(authors=[author])
    response = editor.post(f"{LIST}{author.pk}/delete/", {"post": "yes"})
    assert f'href="/admin/blog/post/{post.pk}/change/"' in response.content.decode()
    assert Author.objects.exists()
