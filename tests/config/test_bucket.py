"""Pictures in a bucket, at a real endpoint."""

import pytest
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from blog.operating.soundness import files, running
from blog.publishing.figures import put
from blog.transfer.backup import restoring
from tests import make
from tests.config.test_settings import SERVER, told

pytest.importorskip("storages", reason="the extra s3 could not be installed here")
pytestmark = [pytest.mark.kills, pytest.mark.django_db]

from tests.config import buckets  # noqa: E402 - only where there are its packages


@pytest.fixture(scope="module")
def endpoint():
    made = buckets.Endpoint()
    yield made
    made.kill()


@pytest.fixture
def bucket(endpoint, settings):
    """The site's storages in the bucket."""
    use(settings, endpoint.options())
    return endpoint


def use(settings, options):
    settings.STORAGES = settings.STORAGES | {
        name: {
            "BACKEND": "config.bucket.Bucket",
            "OPTIONS": {**options, "location": place, "served": name == "default"},
        }
        for name, place in (("default", "media"), ("originals", "originals"))
    }


def test_it_gives_back_what_was_stored_once(bucket):
    name = put(default_storage, "figures/ab/abc.png", b"bytes of a picture")
    assert put(default_storage, "figures/ab/abc.png", b"bytes of a picture") == name == "figures/ab/abc.png"
    with default_storage.open(name) as file:
        assert file.read() == b"bytes of a picture"
    assert default_storage.size(name) == 18
    assert default_storage.listdir("figures/ab") == ([], ["abc.png"])


def test_it_says_that_a_file_is_not_there(bucket):
    with pytest.raises(FileNotFoundError):
        default_storage.open("figures/no/none.png")


def test_it_serves_pictures_at_the_sites_own_addresses(bucket, client, settings):
    name = put(default_storage, "figures/cd/cde.png", b"bytes of a picture")
    assert default_storage.url(name) == f"{settings.MEDIA_URL}figures/cd/cde.png"
    answer = client.get(default_storage.url(name))
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, b"bytes of a picture")
    assert answer["Content-Length"] == "18"


def test_it_keeps_pictures_of_posts_closed_that_are_not_public(bucket, client, admin_client):
    figure = make.figure()
    make.post(status="draft", lead_figure=figure)
    assert default_storage.exists(figure.image.name)
    assert client.get(figure.image.url).status_code == 404
    assert admin_client.get(figure.image.url).status_code == 200


def test_it_has_no_addresses_of_originals(bucket):
    name = put(storages["originals"], "ab/abc.png", b"metadata and all")
    with pytest.raises(ValueError, match="never served"):
        storages["originals"].url(name)
    assert not default_storage.exists("ab/abc.png")


def test_an_endpoint_that_is_away_is_no_missing_picture(endpoint, client, settings):
    use(settings, endpoint.options(endpoint_url="http://127.0.0.1:9"))
    answer = client.get(f"{settings.MEDIA_URL}figures/cd/cde.png")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "no-store" in answer["Cache-Control"]
    assert {one.state for one in running.files()} == {"failure"}


def test_an_endpoint_that_is_away_is_told_to_whoever_uploads(endpoint, admin_client, settings):
    use(settings, endpoint.options(endpoint_url="http://127.0.0.1:9"))
    upload = SimpleUploadedFile("layers.png", make.png())
    answer = admin_client.post(
        reverse("admin:blog_figure_add"), {"upload": upload, "slug": "layers", "alt": "Layers"}
    )
    assert answer.status_code == 200
    assert "can't be stored at the moment" in answer.context["adminform"].form.errors["upload"][0]


def test_a_restored_file_takes_the_place_of_another_in_the_bucket(bucket):
    put(default_storage, "figures/gh/ghi.png", b"something else")
    restoring._put(default_storage, "figures/gh/ghi.png", [b"what ", b"was there"])
    assert restoring._has(default_storage, "figures/gh/ghi.png", [b"what ", b"was there"])
    assert default_storage.listdir("figures/gh") == ([], ["ghi.png"])


def test_it_lists_its_own_files_alone(bucket):
    put(default_storage, "figures/lm/lmn.png", b"here")
    put(storages["originals"], "op/opq.png", b"there")
    assert "figures/lm/lmn.png" in set(default_storage.names())
    assert "op/opq.png" in set(storages["originals"].names()) - set(default_storage.names())


def test_pictures_are_found_where_the_engine_knows_no_folders(bucket, monkeypatch, now):
    make.figure()
    monkeypatch.setattr("config.bucket.Bucket.listdir", lambda storage, folder: ([], []))
    assert [one.words for one in files.missing(at=now, fix=False) if one.name == "pictures"] == [
        "Every picture and every original is there."
    ]


def test_an_endpoint_that_answers_is_sound(bucket):
    assert {one.state for one in running.files()} == {"ok"}


def test_the_settings_name_the_bucket():
    (stored,) = told(
        "STORAGES", DATABASE_URL=SERVER, MEDIA_S3_BUCKET="pictures", MEDIA_S3_ENDPOINT="https://s3.internal"
    )
    assert stored["default"]["OPTIONS"]["endpoint_url"] == "https://s3.internal"
    assert stored["originals"]["OPTIONS"]["served"] is False
