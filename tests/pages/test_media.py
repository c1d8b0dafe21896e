from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from blog.imaging import vectors
from blog.models import Figure, FigureVersion
from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.django_db


def shown():
    """A figure that a live post shows."""
    figure = make.figure()
    make.post(lead_figure=figure)
    return figure


def test_it_serves_a_picture_for_ever_as_a_picture_and_nothing_else(client, now):
    figure = shown()
    figures.make_renditions(figure, at=now)
    for file in (figure.image, *(one.file for one in figure.renditions.all())):
        response = client.get(file.url)
        assert response.status_code == 200
        assert response["Content-Type"].startswith("image/")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in response["Cache-Control"]
        assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert b"".join(response.streaming_content) == file.open().read()


@pytest.mark.parametrize("known", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_it_answers_304_to_a_reader_who_has_it(client, known):
    figure = shown()
    tag = client.get(figure.image.url)["ETag"]
    response = client.get(figure.image.url, headers={"If-None-Match": known.format(tag=tag)})
    assert (response.status_code, response["ETag"]) == (304, tag)
    assert "immutable" in response["Cache-Control"]


def test_it_answers_404_for_a_picture_that_is_gone_to_a_reader_who_has_it(client):
    assert client.get("/media/figures/gone.png", headers={"If-None-Match": '"gone.png"'}).status_code == 404


def test_it_does_not_compress_pictures_once_more(client):
    figure = shown()
    response = client.get(figure.image.url, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert not response["ETag"].startswith("W/")
    assert int(response["Content-Length"]) == figure.image.size


def pictures(figure, now):
    figures.make_renditions(figure, at=now)
    return [figure.image.url, *(one.file.url for one in figure.renditions.all())]


@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("placed live", 200),
        ("leads live", 200),
        ("portrait", 200),
        ("scheduled", 404),
        ("draft", 404),
        ("expired", 404),
        ("unused", 404),
    ],
)
def test_it_shows_readers_the_pictures_of_public_posts_only(client, now, place, status):
    figure, body = make.figure(), "![](figure:event-bus)\n"
    today = timezone.now()
    match place:
        case "placed live":
            make.post(body=body)
            make.post(body=body, status="draft")
        case "leads live":
            make.post(lead_figure=figure)
        case "portrait":
            make.author(portrait=figure)
        case "scheduled":
            make.post(body=body, lead_figure=figure, at=today + timedelta(seconds=90))
        case "draft":
            make.post(body=body, status="draft")
        case "expired":
            make.post(body=body, expires_at=today - timedelta(seconds=1))
    for url in pictures(figure, now):
        assert client.get(url).status_code == status, url


def test_it_shows_editors_every_picture_and_lets_no_cache_keep_it(admin_client, now):
    for url in pictures(make.figure(), now):
        response = admin_client.get(url)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


def test_it_asks_the_database_once_for_a_picture(client, django_assert_num_queries):
    url = shown().image.url
    with django_assert_num_queries(1):
        assert client.get(url).status_code == 200


def test_it_goes_on_serving_a_former_card(client):
    name = default_storage.save("cards/ab/former.png", ContentFile(make.png()))
    assert client.get(default_storage.url(name)).status_code == 200


def test_it_never_serves_the_upload_itself(client):
    figure = make.figure()
    assert client.get(f"/media/{figure.original.name}").status_code == 404
    assert client.get(f"/originals/{figure.original.name}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret_key",
        "..%2fsecret_key",
        "figures/../../secret.png",
        "figures/",
        "figures",
        "x.html",
        "x.png",
        "%00.png",
        "/etc/x.png",
    ],
)
def test_it_finds_nothing_outside_the_pictures(client, settings, path):
    (settings.MEDIA_ROOT.parent / "secret.png").write_bytes(b"secret")
    assert client.get(f"/media/{path}").status_code in {400, 404}


def drawing(now):
    """A figure that was uploaded as SVG and that a live post shows."""
    if not vectors.accepted():
        pytest.skip("no sanitiser of SVG is installed")
    data = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="250"><rect width="90" height="90"/></svg>'
    figure = Figure(slug="read-path", alt="A box.", caption="The way")
    figures.take_upload(figure, data, name="read path.svg")
    figures.save(figure)
    figures.make_renditions(figure, at=now)
    make.post(slug="shows-it", body="![](figure:read-path)\n", lead_figure=figure)
    return figure


def test_it_serves_a_drawing_as_an_image_that_can_do_nothing(client, now):
    figure = drawing(now)
    response = client.get(figure.image.url, headers={"Accept-Encoding": "gzip"})
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert "Content-Disposition" not in response or response["Content-Disposition"].startswith("inline")
    known = client.get(figure.image.url, headers={"If-None-Match": response["ETag"]})
    for one in (response, known):
        policy = one["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "style-src 'unsafe-inline'", "sandbox"} <= set(policy)
        assert not [part for part in policy if "script" in part or "allow" in part]
        assert one["X-Content-Type-Options"] == "nosniff"
    assert (known.status_code, response["Content-Encoding"]) == (304, "gzip")


def test_it_shows_a_drawing_itself_in_the_text_and_pixels_where_it_is_small(client, now):
    figure = drawing(now)
    page = client.get("/posts/shows-it/").content.decode()
    shown = page[page.index('id="fig-read-path"') :]
    assert f'<img src="{figure.image.url}" width="400" height="250"' in shown
    if vectors.drawable():
        assert "/media/renditions/" in client.get("/").content.decode()
        assert ".svg" not in client.get("/feed/").content.decode()


def test_it_cuts_small_pictures_around_their_focus_and_leaves_the_text_alone(client, now):
    figure = shown()
    Figure.objects.filter(pk=figure.pk).update(focus_x=18, focus_y=100)
    assert 'class="focus focus-x-20 focus-y-100"' in client.get("/").content.decode()
    assert "focus-x" not in client.get(figure.get_absolute_url()).content.decode()


def test_it_shows_a_former_file_to_those_who_saw_it_and_a_proposed_one_to_nobody(client, admin_client, now):
    figure = shown()
    name = default_storage.save("figures/ab/other.png", ContentFile(make.png()))
    version = FigureVersion(
        figure=figure, image=name, original="x", width=9, height=9, content_hash="x", at=now
    )
    for kind, status in (("former", 200), ("proposed", 404)):
        version.kind = kind
        version.save()
        assert client.get(default_storage.url(name)).status_code == status
        assert admin_client.get(default_storage.url(name)).status_code == 200
