import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from blog import markup
from blog.imaging import vectors
from blog.models import Figure, Resemblance, Revision
from blog.publishing import contents, figure_uses, figures
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


def test_it_takes_a_drawing_and_leaves_out_what_acts(editor):
    if not vectors.accepted():
        pytest.skip("no sanitiser of SVG is installed")
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30' onload='x()'><rect width='9' height='9'/></svg>"
    assert editor.post(f"{LIST}add/", given(upload=upload(drawing, "Event bus.svg"))).status_code == 302
    figure = Figure.objects.get()
    assert (figure.slug, figure.vector, figure.width) == ("event-bus", True, 40)
    assert b"onload" not in figure.image.read()
    page = editor.get(figure.image.url)
    assert page["Content-Type"] == "image/svg+xml"
    assert "sandbox" in page["Content-Security-Policy"]


def test_it_points_to_the_figure_that_a_file_is_already(editor):
    figure = make.figure()
    response = editor.post(f"{LIST}add/", given(upload=upload(make.png(text="event-bus"))))
    assert "“event-bus”" in str(response.context["adminform"].form.errors["upload"])
    assert f'<a href="{change(figure)}">event-bus</a>' in response.content.decode()
    assert Figure.objects.count() == 1


def test_it_makes_a_key_that_is_free(editor):
    make.figure("event-bus-final")
    editor.post(f"{LIST}add/", given(upload=upload(make.png(text="other"))))
    assert Figure.objects.filter(slug="event-bus-final-2").exists()


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
    assert "waiting" in page and "not used" in page
    assert len(many) == len(few) <= 10


def test_it_counts_a_post_that_places_a_figure_and_leads_with_it_once(editor, monkeypatch):
    both, led, placed = (make.figure(name) for name in ("both", "led", "placed"))
    for _ in range(3):
        make.post(body="![](figure:both)\n\n![](figure:placed)\n", lead_figure=both)
    make.post(lead_figure=led)

    def uses():
        return [figure_uses.uses([both, led, placed], most=most) for most in (3, 2)]

    exact, capped = uses()
    assert exact == {both.pk: 3, led.pk: 1, placed.pk: 3}
    assert capped[both.pk] > 2 and capped[led.pk] == 1 and capped[placed.pk] > 2
    make.post(body="![](figure:both)\n")
    assert uses()[0][both.pk] > 3
    monkeypatch.setattr("blog.admin.figure.COUNTED", 3)
    page = editor.get(LIST).content.decode()
    assert ">3+ posts<" in page and ">3 posts<" in page and ">1 post<" in page


def names(page) -> set[str]:
    return {one.slug for one in page.context["cl"].result_list}


def test_it_is_a_grid_or_a_list_and_stays_so_while_it_is_narrowed(editor):
    make.figure()
    page = editor.get(LIST).content.decode()
    assert "library-grid" in page and 'name="_selected_action"' in page
    page = editor.get(f"{LIST}?as=list&use=unused").content.decode()
    assert "library-list" in page
    assert "?as=list&amp;use=used" in page
    assert 'name="as" value="list"' in page


def test_it_says_so_when_there_is_nothing(editor):
    assert "The library is empty" in editor.get(LIST).content.decode()
    assert "No figure is like this" in editor.get(f"{LIST}?use=used").content.decode()


def test_it_is_narrowed_by_use_state_kind_and_what_is_missing(editor, django_assert_max_num_queries):
    made = {key: make.figure(key) for key in ("placed", "lead", "spare", "failed", "photo", "drawn")}
    figures.make_renditions(made["placed"], at=timezone.now())
    Figure.objects.filter(slug="failed").update(trouble="It can't be read.")
    Figure.objects.filter(slug="photo").update(graphic=False, long_description="All of it.", caption="")
    Figure.objects.filter(slug="drawn").update(notation="mermaid", image="figures/x/y.svg")
    make.post(body="![](figure:placed)\n", lead_figure=made["lead"])
    wanted = {
        "use=used": {"placed", "lead"},
        "use=unused": {"spare", "failed", "photo", "drawn"},
        "renditions=made": {"placed"},
        "renditions=failed": {"failed"},
        "renditions=waiting": {"lead", "spare", "photo", "drawn"},
        "kind=drawn": {"drawn"},
        "kind=svg": {"drawn"},
        "kind=photograph": {"photo"},
        "missing=description": {"placed", "lead", "spare", "failed", "drawn"},
        "missing=caption": {"photo"},
        "q=spare": {"spare"},
        "use=unused&kind=uploaded&missing=description": {"spare", "failed"},
        "use=nonsense&kind=%00": set(made),
    }
    for asked, found in wanted.items():
        with django_assert_max_num_queries(15):
            page = editor.get(f"{LIST}?{asked}", follow=True)
        if page.status_code != 400:
            assert names(page) == found, asked
    assert "on the disk" in editor.get(f"{LIST}?use=unused").content.decode()


def test_it_finds_those_that_look_alike_and_names_them_on_the_page_of_each(editor):
    first, second = (
        make.figure("first", data=make.png(640, 400)),
        make.figure("second", data=make.png(320, 200)),
    )
    blank = make.figure("blank", data=make.png(41, 41))
    Resemblance.objects.all().delete()
    Resemblance.objects.create(figure=first, other=second, distance=1)
    Resemblance.objects.create(figure=second, other=first, distance=1)
    assert names(editor.get(f"{LIST}?look=alike")) == {"first", "second"}
    assert f'<a href="{change(second)}">second</a>' in editor.get(change(first)).content.decode()
    assert "No other figure." in editor.get(change(blank)).content.decode()


def test_it_deletes_unused_figures_by_the_dozen_and_their_files_later(
    editor, django_capture_on_commit_callbacks
):
    chosen = [make.figure(f"one-{n}").pk for n in range(3)]
    asked = {"action": "delete_selected", "_selected_action": chosen}
    assert "with 6 files, a day later" in editor.post(f"{LIST}?use=unused", asked).content.decode()
    with django_capture_on_commit_callbacks() as later:
        assert editor.post(f"{LIST}?use=unused", asked | {"post": "yes"}).status_code == 302
    assert not Figure.objects.exists()
    assert len(later) == 1


def test_it_refuses_to_delete_what_a_draft_on_top_names(editor, now):
    figure, post = make.figure(), make.post("The one with a draft")
    content = contents.read(post) | {"body": "![](figure:event-bus)"}
    post.draft = Revision.objects.create(
        post=post, number=2, kind="draft", status="published", content=content, made_at=now
    )
    post.save(update_fields=["draft"])
    page = editor.post(f"{LIST}{figure.pk}/delete/", {"post": "yes"}).content.decode()
    assert "The one with a draft" in page
    assert Figure.objects.exists()
    assert "only in a draft" in editor.get(f"{LIST}{figure.pk}/uses/").content.decode()


def test_it_sets_a_focus_of_two_numbers_or_none(editor):
    figure = make.figure()
    words = given(slug="event-bus")
    assert editor.post(change(figure), words | {"focus_x": "20", "focus_y": ""}).status_code == 200
    assert editor.post(change(figure), words | {"focus_x": "20", "focus_y": "101"}).status_code == 200
    assert editor.post(change(figure), words | {"focus_x": "18", "focus_y": "83"}).status_code == 302
    figure.refresh_from_db()
    assert figure.focus == "focus focus-x-20 focus-y-80"
    assert editor.post(change(figure), words | {"focus_x": "", "focus_y": ""}).status_code == 302
    figure.refresh_from_db()
    assert figure.focus == ""


def test_it_keeps_the_drawing_behind_a_picture_for_editors_alone(editor, client):
    figure = make.figure()
    source = SimpleUploadedFile("bus v2.DRAWIO", b"<mxfile><script>alert(1)</script></mxfile>")
    sent = given(slug="event-bus", source_upload=source)
    assert editor.post(change(figure), sent).status_code == 302
    answer = editor.get(f"{LIST}{figure.pk}/source/")
    assert answer["Content-Disposition"] == 'attachment; filename="event-bus.drawio"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"".join(answer.streaming_content).startswith(b"<mxfile>")
    assert client.get(f"{LIST}{figure.pk}/source/").status_code == 302
    make.post(lead_figure=figure)
    figure.refresh_from_db()
    assert client.get(f"/media/{figure.source_file.name}").status_code == 404
    assert editor.post(change(figure), given(slug="event-bus", without_source="on")).status_code == 302
    assert editor.get(f"{LIST}{figure.pk}/source/").status_code == 404


def test_it_tells_a_script_how_far_renditions_are(editor):
    one, other = make.figure("one"), make.figure("other")
    figures.make_renditions(one, at=timezone.now())
    page = f"{LIST}states/?id={one.pk}&id={other.pk}&id=x&id=99999999999999999999"
    states = editor.get(page).json()
    assert {states[str(one.pk)]["state"], states[str(other.pk)]["state"]} == {"made", "waiting"}
    assert len(states) == 2


DOORS = ["uses/", "replace/", "replace/1/", "put-back/", "again/", "source/", "original/"]


def test_it_opens_no_door_to_those_who_may_not(client, staff):
    figure = make.figure()
    doors = [f"{LIST}{figure.pk}/{one}" for one in DOORS] + [f"{LIST}upload/", f"{LIST}states/"]
    for one in doors:
        assert client.post(one).status_code == 302, one
    stranger = staff("view_post")
    for one in doors:
        assert stranger.post(one).status_code == 403, one


def test_it_lets_those_who_only_see_figures_change_none(staff):
    figure, viewer = make.figure(), staff("view_figure")
    for one in DOORS:
        allowed = one in {"uses/", "source/"}
        assert (viewer.post(f"{LIST}{figure.pk}/{one}").status_code == 403) != allowed, one
    assert viewer.get(LIST).status_code == viewer.get(change(figure)).status_code == 200
    assert viewer.get(f"{LIST}upload/").status_code == 403


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
        raise markup.RenderRefused("busy")

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
