import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.models import Figure
from tests import make

UPLOAD = "/admin/blog/figure/upload/"


def file(name: str, text: str = "", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make.png(text=text or name) if data is None else data)


def test_it_makes_a_figure_of_each_file_and_refuses_one_without_losing_the_others(editor):
    make.figure("event-bus")
    sent = {
        "rows": "5",
        "0-upload": file("Event bus.png", "new"), "0-alt": "A bus between five services.", "0-caption": "How it travels.",
        "1-upload": file("cut.png", data=make.png()[:-200]), "1-alt": "Never to be seen.",
        "2-upload": file("架构.png"), "2-decorative": "on",
        "3-upload": file("silent.png"),
        "4-alt": "Words without a file.",
    }  # fmt: skip
    response = editor.post(UPLOAD, sent)
    page = response.content.decode()
    made = {one.slug: one for one in Figure.objects.all()}
    assert set(made) == {"event-bus", "event-bus-2", "figure"}
    assert made["event-bus-2"].caption == "How it travels."
    assert "2 figures were added" in page and "3 files were refused" in page
    assert f'<a href="/admin/blog/figure/{made["event-bus-2"].pk}/change/">event-bus-2</a>' in page
    assert (
        "incomplete or damaged" in page
        and "mark it as decorative" in page
        and "browsers don&#x27;t keep it" in page
    )
    # Their words wait for the file that is chosen again.
    assert "Never to be seen." in page and "Words without a file." in page
    assert "How it travels." not in page.split('class="bulk"')[1]


def test_it_points_to_the_figure_that_a_file_is_already(editor):
    figure = make.figure()
    sent = {"0-upload": file("copy.png", "event-bus"), "0-alt": "The same once more."}
    page = editor.post(UPLOAD, sent).content.decode()
    assert f'<a href="/admin/blog/figure/{figure.pk}/change/">event-bus</a>' in page
    assert Figure.objects.count() == 1


def test_it_answers_a_script_for_each_file(editor):
    def send(**over):
        given = {"upload": file("Read path.png"), "alt": "The way of a read."} | over
        return editor.post(UPLOAD, given, headers={"Accept": "application/json"})

    answer = send()
    figure = Figure.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": figure.pk, "key": "read-path", "url": f"/admin/blog/figure/{figure.pk}/change/", "state": "waiting",
        "told": "waiting",
    }  # fmt: skip
    again = send()
    assert (again.status_code, again.json()["same"]["key"]) == (400, "read-path")
    assert "alt" in send(upload=file("x.png"), alt=" ").json()["errors"]
    assert "slug" in send(upload=file("y.png"), slug="Not a key").json()["errors"]
    assert "slug" in send(upload=file("z.png"), slug="read-path").json()["errors"]
    assert "upload" in editor.post(UPLOAD, {}, headers={"Accept": "application/json"}).json()["errors"]
    assert Figure.objects.count() == 1


@pytest.mark.parametrize("rows", ["0", "-1", "x", "9999999", "\x00", "②"])
def test_it_shows_a_bounded_number_of_rows_whatever_is_asked(editor, rows):
    response = editor.get(UPLOAD, {"rows": rows})
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert 1 <= len(response.context["rows"]) <= 20


def test_it_takes_few_queries(editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):
        assert editor.get(UPLOAD).status_code == 200
