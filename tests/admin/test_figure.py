import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from blog import markup
from blog.models import Figure
from blog.publishing import figures
from tests import make

LIST = "/admin/blog/figure/"


def upload(data: bytes | None = None, name: str = "Event Bus (final).png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make.png() if data is None else data)


def given(**over) -> dict:
    return {"alt": "A bus between five services.", "caption": "How events travel.", "slug": ""} | over


def change(figure: Figure) -> str:
    return f"{LIST}{figure.pk}/change/"


def test_it_takes_an_upload_and_names_it_after_its_file(editor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as after_commit:
        response = editor.post(f"{LIST}add/", given(upload=upload()))
    assert response.status_code == 302
    figure = Figure.objects.get()
    assert (figure.slug, figure.width, figure.height) == ("event-bus-final", 640, 400)
    assert figure.rendered_at is None
    assert len(after_commit) == 1
    assert editor.get(figure.image.url).status_code == 200


def truncated() -> bytes:
    return make.png()[:-200]


def bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.png"),
        (truncated(), "cut.png"),
        (bomb(), "bomb.png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "drawing.svg"),
        (b"<html>", "page.png"),
        (b"GIF89a", "x.gif"),
        (make.png(), "wrong.jpg"),
    ],
)
def test_it_refuses_what_is_no_sound_picture_and_says_so_at_the_field(editor, data, name):
    response = editor.post(f"{LIST}add/", given(upload=upload(data, name)))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["upload"]
    assert "How events travel." in response.content.decode()
    assert not Figure.objects.exists()


def test_it_refuses_svg_by_name_of_the_reason(editor):
    response = editor.post(
        f"{LIST}add/", given(upload=upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"))
    )
    assert "SVG" in str(response.context["adminform"].form.errors["upload"])


def test_it_takes_no_path_from_a_file_name(editor):
    assert editor.post(f"{LIST}add/", given(upload=upload(name="../../etc/x.png"))).status_code == 302
    assert Figure.objects.get().slug == "x"


@pytest.mark.parametrize(
    "over",
    [
        {"alt": ""},
        {"alt": "both", "decorative": "on"},
        {"alt": "Event Bus (final)"},
        {"alt": "How events travel!"},
        {"slug": "Not a key"},
        {"slug": "\x00"},
        {"alt": "a\x00"},
    ],
)
def test_it_demands_an_alternative_text_that_says_something_and_a_plain_key(editor, over):
    response = editor.post(f"{LIST}add/", given(upload=upload()) | over)
    assert response.status_code == 200
    assert response.context["errors"]
    assert not Figure.objects.exists()


def test_it_demands_a_picture_for_a_new_figure_only(editor):
    assert "upload" in editor.post(f"{LIST}add/", given()).context["adminform"].form.errors
    figure = make.figure()
    assert editor.post(change(figure), given(slug="renamed", caption="New words.")).status_code == 302
    figure.refresh_from_db()
    assert (figure.slug, figure.caption) == ("renamed", "New words.")


def test_it_replaces_a_picture_and_keeps_who_uses_it(editor):
    figure = make.figure()
    figures.make_renditions(figure, at=timezone.now())
    post = make.post(body="![](figure:event-bus)\n")
    new = upload(make.png(900, 700, "new"))
    assert editor.post(change(figure), given(slug="event-bus", upload=new)).status_code == 302
    figure.refresh_from_db()
    assert (figure.width, figure.rendered_at) == (900, None)
    assert post.placements.get().figure == figure


def test_it_lists_figures_with_their_use_in_as_many_queries_however_many(editor):
    for n in range(3):
        figures.make_renditions(make.figure(f"one-{n}"), at=timezone.now())
    make.post(body="![](figure:one-1)\n")
    editor.get(LIST)
    with CaptureQueriesContext(connection) as few:
        page = editor.get(LIST).content.decode()
    assert "1 post<" in page
    assert "640 × 400" in page
    for n in range(3, 12):
        make.figure(f"one-{n}")
    with CaptureQueriesContext(connection) as many:
        page = editor.get(LIST).content.decode()
    assert "waiting" in page
    assert len(many) == len(few) <= 8


def test_it_shows_renditions_and_the_posts_that_use_it(editor):
    figure = make.figure()
    figures.make_renditions(figure, at=timezone.now())
    placed, led = make.post("Placed", body="![](figure:event-bus)\n"), make.post("Led", lead_figure=figure)
    author = make.author("Bo Lind", portrait=figure)
    page = editor.get(change(figure)).content.decode()
    assert all(f'href="{one.file.url}"' in page for one in figure.renditions.all())
    assert figure.renditions.exists()
    for thing, path in ((placed, "post"), (led, "post"), (author, "author")):
        assert f'href="/admin/blog/{path}/{thing.pk}/change/"' in page


@pytest.mark.parametrize("use", ["placed", "lead", "portrait"])
@pytest.mark.parametrize("way", ["page", "action"])
def test_it_refuses_to_delete_a_figure_in_use_and_links_to_its_users(editor, use, way):
    figure = make.figure()
    if use == "portrait":
        user = f"/admin/blog/author/{make.author(portrait=figure).pk}/change/"
    else:
        over = {"body": "![](figure:event-bus)\n"} if use == "placed" else {"lead_figure": figure}
        user = f"/admin/blog/post/{make.post(**over).pk}/change/"
    if way == "page":
        response = editor.post(f"{LIST}{figure.pk}/delete/", {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": figure.pk, "post": "yes"}
        response = editor.post(LIST, chosen)
    assert response.status_code == 200
    assert f'href="{user}"' in response.content.decode()
    assert Figure.objects.exists()


def test_it_deletes_a_figure_that_nothing_uses(editor):
    assert editor.post(f"{LIST}{make.figure().pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Figure.objects.exists()


def test_it_renames_a_key_in_every_post_that_names_it(editor):
    figure, post = make.figure(), make.post(body="![](figure:event-bus)\n")
    assert editor.post(change(figure), given(slug="the-bus", caption="New words")).status_code == 302
    post.refresh_from_db()
    figure.refresh_from_db()
    assert post.body == "![](figure:the-bus)\n"
    assert (figure.slug, figure.caption) == ("the-bus", "New words")
    assert editor.get("/figures/event-bus/").status_code == 301


def test_it_keeps_the_key_when_a_post_can_not_be_rewritten(editor, monkeypatch):
    figure, post = make.figure(), make.post("The hard one", body="![](figure:event-bus)\n")

    def refuse(source, **told):
        raise markup.RenderRefused("It takes too long.")

    monkeypatch.setattr(markup, "render_isolated", refuse)
    response = editor.post(change(figure), given(slug="the-bus"))
    assert response.status_code == 200
    assert "“The hard one” names this figure" in response.content.decode()
    figure.refresh_from_db()
    post.refresh_from_db()
    assert (figure.slug, post.body) == ("event-bus", "![](figure:event-bus)\n")


def test_a_drawing_says_in_which_post_its_words_are_written(editor):
    post = make.post(title="Where it is written")
    figure = make.figure("read-path", notation="mermaid", source="flowchart LR", drawn_for=post)
    html = editor.get(change(figure)).content.decode()
    assert "Where it is written" in html
    assert 'name="alt"' not in html and 'name="upload"' not in html
    sent = {
        "long_description": "More of it.",
        "credit": "",
        "licence": "",
        "slug": "other",
        "caption": "Other",
    }
    assert editor.post(change(figure), sent).status_code == 302
    figure.refresh_from_db()
    assert (figure.slug, figure.caption, figure.long_description) == (
        "read-path",
        "How read-path works",
        "More of it.",
    )
