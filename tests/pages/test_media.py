import pytest

from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.django_db


def test_it_serves_a_picture_for_ever_as_a_picture_and_nothing_else(client, now):
    figure = make.figure()
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
    figure = make.figure()
    tag = client.get(figure.image.url)["ETag"]
    response = client.get(figure.image.url, headers={"If-None-Match": known.format(tag=tag)})
    assert (response.status_code, response["ETag"]) == (304, tag)
    assert "immutable" in response["Cache-Control"]


def test_it_answers_404_for_a_picture_that_is_gone_to_a_reader_who_has_it(client):
    assert client.get("/media/figures/gone.png", headers={"If-None-Match": '"gone.png"'}).status_code == 404


def test_it_does_not_compress_pictures_once_more(client):
    figure = make.figure()
    response = client.get(figure.image.url, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response
    assert not response["ETag"].startswith("W/")
    assert int(response["Content-Length"]) == figure.image.size


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
