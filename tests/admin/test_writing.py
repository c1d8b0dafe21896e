import json
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from blog import imaging
from blog.models import Figure, Post, Tag
from tests import make

from .conftest import fields
from .test_preview import everything

DOORS = {
    "blog_post_writing_page_new": "POST",
    "blog_post_writing_figures": "GET",
    "blog_post_writing_figures_add": "POST",
    "blog_post_writing_posts": "GET",
    "blog_post_writing_tags": "GET",
}
WITH_FIGURES = "## One\n\n![](figure:event-bus)\n\nSee [](figure:second).\n\n![](figure:second)\n"


def at(name, *args):
    return reverse(f"admin:blog_post_writing_{name}", args=args)


def page_of(client, post=None, **over):
    data = fields(post) | over
    response = client.post(at("page", post.pk) if post else at("page_new"), data)
    assert response.status_code == 200, response.content
    return response.json()


def upload(data=None, name="Event Bus.png", **over):
    words = {"alt": "Five services on a bus.", "caption": "How events travel."} | over
    return words | {"upload": SimpleUploadedFile(name, data if data is not None else make.png())}


# --- The page


def test_it_draws_what_is_typed_with_everything_around_it(editor):
    make.figure("event-bus")
    make.figure("second")
    post = make.post(body="Old text.\n")
    shown = page_of(
        editor,
        post,
        title="A new  title",
        summary="Anew.",
        body=WITH_FIGURES.replace("\n", "\r\n"),
        tags="brand new",
        learning_level=make.level(400).pk,
        categories=[make.category("storage/files").pk],
    )
    html = shown["html"]
    for typed in ("A new title", "Anew.", "brand new", "(400)", "Files", "How second works", "Ada Ferrant"):
        assert typed in html
    assert html.index("Figure 1") < html.index("How event-bus works") < html.index("How second works")
    assert "Old text" not in html
    assert shown["words"] == 4  # a reference reads “Figure 2”
    assert shown["problems"] == []


def test_it_draws_the_same_page_as_the_button(editor):
    make.figure("event-bus")
    make.figure("second")
    post = make.post(
        body=WITH_FIGURES, tags=["zebra", "adder"], authors=[make.author("Zoe Ay"), make.author("Al Bee")]
    )
    data = fields(post, title="Typed", canonical_url="")
    pressed = editor.post(reverse("admin:blog_post_preview", args=[post.pk]), data).content.decode()
    beside = page_of(editor, post, title="Typed")["html"]
    instants = re.compile(r'datetime="[^"]+"')  # “Updated” names the second of each
    within = [
        instants.sub("", text.partition("<main")[2].partition("</main>")[0]) for text in (pressed, beside)
    ]
    assert within[0] == within[1]


def test_it_draws_a_post_that_was_never_saved(editor):
    html = page_of(editor, title="", summary="", categories=[], learning_level="", bylines=[])["html"]
    assert "Because they fill up." in html
    assert "Untitled" in html
    assert not Post.objects.exists()


def test_it_leaves_nothing_behind(editor, django_capture_on_commit_callbacks):
    post = make.post()
    before = everything()
    with django_capture_on_commit_callbacks() as after_commit:
        page_of(editor, post, slug="other", body="New.", tags="new", _withdraw="1")
        page_of(editor)
    assert after_commit == []
    assert everything() == before


def test_it_says_what_is_wrong_with_a_text_and_its_line(editor):
    shown = page_of(editor, body="## One\n\n#### Three\n")
    assert shown["problems"][0]["line"] == 3
    assert "html" in shown
    assert "200,000" in page_of(editor, body="x" * 200_001)["refused"]


@pytest.mark.parametrize(
    "odd",
    [
        {
            "title": "\x00",
            "language": "\x00",
            "tags": '"\x00',
            "summary": "\ud800".encode("utf-8", "replace"),
        },
        {
            "learning_level": "9" * 18,
            "lead_figure": "abc",
            "categories": ["-1", "9" * 30, "x"],
            "tags": "," * 900,
        },
        {
            "published_at_0": "9999-12-31",
            "published_at_1": "99:99",
            "language": "x" * 500,
            "title": "a" * 9_000,
        },
        {"bylines-TOTAL_FORMS": "no", "bylines-0-author": "9" * 18, "bylines-0-position": "x" * 50},
        {
            "tags": '"unclosed, ' * 500,
            "editors_note": "x" * 9_000,
            "body": "[](post:x#fig-y) ![](figure:none)\n",
        },
    ],
)
def test_no_field_breaks_it(editor, odd):
    page_of(editor, make.post(), **odd)


def test_a_text_with_nul_is_refused_in_a_sentence(editor):
    assert "NUL" in page_of(editor, body="a\x00b")["refused"]


def test_it_asks_little_of_the_database_and_waits_for_nobody(editor, django_assert_max_num_queries):
    make.figure("event-bus")
    make.figure("second")
    post = make.post(body=WITH_FIGURES, tags=["a"], authors=[make.author("Zoe Ay"), make.author("Al Bee")])
    data = fields(post, body=WITH_FIGURES + "More.")
    editor.post(at("page", post.pk), data)
    with django_assert_max_num_queries(11) as asked:
        assert editor.post(at("page", post.pk), data).status_code == 200
    assert not [one["sql"] for one in asked if "UPDATE" in one["sql"] or "INSERT" in one["sql"]]


# --- Who may


def test_every_door_is_closed_to_strangers_and_to_those_who_may_only_look(staff, client):
    looking = staff("view_category")
    post = make.post()
    for who in (client, looking):
        for name, method in DOORS.items():
            response = who.generic(method, reverse(f"admin:{name}"))
            assert (response.status_code, set(response.json())) == (403, {"error"}), name
        assert who.post(at("page", post.pk), fields(post)).status_code == 403


def test_an_author_previews_and_finds_own_posts_only(staff):
    writing = staff("add_post", "change_post", "view_figure")
    user = get_user_model().objects.get(username="staff")
    hidden = make.post("Hidden queue", status=Post.Status.DRAFT, published_at=None)
    own = make.post("Own queue", status=Post.Status.DRAFT, published_at=None, created_by=user)
    make.post("Public queue")
    assert writing.post(at("page", hidden.pk), fields(hidden)).status_code == 403
    page_of(writing, own)
    found = writing.get(at("posts"), {"q": "queue"}).json()["posts"]
    assert [(one["title"], one["state"]) for one in found] == [
        ("Public queue", "live"),
        ("Own queue", "draft"),
    ]
    assert writing.get(at("figures")).status_code == 200
    assert writing.post(at("figures_add"), upload()).status_code == 403
    assert not Figure.objects.exists()


def test_a_wrong_method_and_a_missing_post_are_answered_as_such(editor):
    for name, method in DOORS.items():
        refused = editor.generic("GET" if method == "POST" else "POST", reverse(f"admin:{name}"))
        assert (refused.status_code, refused["Allow"]) == (405, method)
    for missing in (77, 10**30):
        assert editor.post(at("page", missing), fields()).status_code == 404


# --- Figures


def test_an_upload_becomes_a_figure_under_a_free_key(editor):
    first = editor.post(at("figures_add"), upload())
    assert first.status_code == 201
    assert first.json()["figure"]["key"] == "event-bus"
    second = editor.post(at("figures_add"), upload(make.png(text="b"), alt="", caption="", decorative="on"))
    assert second.json()["figure"]["key"] == "event-bus-2"
    named = editor.post(at("figures_add"), upload(make.png(text="c"), slug="Write Path!"))
    assert named.json()["figure"]["key"] == "write-path"
    figure = Figure.objects.get(slug="event-bus")
    assert (figure.alt, figure.caption) == ("Five services on a bus.", "How events travel.")
    assert figure.original_name == "Event Bus.png"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"alt": ""}, "alt"),
        ({"decorative": "on"}, "alt"),
        ({"alt": "event-bus-final.png"}, "alt"),
        ({"alt": "a\x00b"}, "alt"),
        ({"data": b"<svg onload=alert(1)>", "name": "x.png"}, "upload"),
        ({"data": b"", "name": "empty.png"}, "upload"),
    ],
)
def test_what_a_figure_lacks_is_said_at_its_field(editor, sent, field):
    response = editor.post(at("figures_add"), upload(**sent))
    assert response.status_code == 400
    assert field in response.json()["errors"]
    assert response.json()["error"]
    assert not Figure.objects.exists()


def test_a_file_that_the_library_has_names_its_figure(editor):
    editor.post(at("figures_add"), upload())
    again = editor.post(at("figures_add"), upload())
    assert (again.status_code, again.json()["known"]) == (400, "event-bus")
    assert editor.post(at("figures_add"), upload(alt="")).json()["known"] == "event-bus"
    assert editor.post(at("figures_add"), upload(make.png(text="b"), alt="")).json()["known"] is None


def test_no_upload_breaks_the_door(editor, monkeypatch):
    assert editor.post(at("figures_add"), {"upload": "text"}).status_code == 400
    assert editor.post(at("figures_add"), "{", content_type="application/json").status_code == 400
    broken = editor.post(at("figures_add"), b"--x\r\n", content_type="multipart/form-data; boundary=\xff")
    assert broken.status_code == 400
    monkeypatch.setattr(imaging, "MAX_BYTES", 1_000)
    large = editor.post(at("figures_add"), upload(b"x" * 2_000))
    assert (large.status_code, "MB" in large.json()["error"]) == (413, True)
    assert not Figure.objects.exists()


def test_figures_are_found_by_all_words_and_paged_in_two_queries(
    editor, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr("blog.admin.writing.PAGE", 2)
    for key in ("event-bus", "event-log", "ring"):
        make.figure(key)
    with django_assert_max_num_queries(5):  # three of them ask who is there
        page = editor.get(at("figures")).json()
    assert ([one["key"] for one in page["figures"]], page["more"]) == (["ring", "event-log"], True)
    assert [one["key"] for one in editor.get(at("figures"), {"page": 2}).json()["figures"]] == ["event-bus"]
    assert [one["key"] for one in editor.get(at("figures"), {"q": "works  EVENT l"}).json()["figures"]] == [
        "event-log"
    ]
    assert [one["key"] for one in editor.get(at("figures"), {"q": "e"}).json()["figures"]] == [
        "event-log",
        "event-bus",
    ]
    for odd in ({"page": "x"}, {"page": "9" * 18}, {"page": "-1"}, {"q": "%\\_'\"" * 3000}, {"q": "\ud800"}):
        query = "&".join(
            f"{k}={v}".encode("utf-8", "surrogatepass").decode("latin-1") for k, v in odd.items()
        )
        assert editor.get(f"{at('figures')}?{query}").status_code in {200, 400}


# --- Completion


def test_tags_that_begin_so_come_first(editor):
    Tag.objects.bulk_create(Tag(name=name, slug=name) for name in ("inqueue", "queues", "dequeue", "other"))
    assert editor.get(at("tags"), {"q": "QUEUE"}).json()["tags"] == ["queues", "dequeue", "inqueue"]
    assert editor.get(at("tags"), {"q": "%"}).json()["tags"] == []
    assert json.loads(editor.get(at("tags")).content)["tags"]
