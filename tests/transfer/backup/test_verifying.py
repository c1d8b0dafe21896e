from datetime import timedelta

import pytest
from django.utils import timezone

from blog.models import Post
from blog.models.backups import MADE, VERIFIED, newest
from blog.transfer.backup.archive import Archive
from blog.transfer.backup.errors import Different
from blog.transfer.backup.making import backup
from blog.transfer.backup.verifying import incomparable, verify
from tests import make

from .archives import rebuilt


def test_it_compares_rows_files_and_pages_byte_for_byte(archive, databases_there):
    before, at = databases_there(), timezone.now()
    found = verify(archive, at=at)
    assert found.not_compared == "" and found.pages > 15 and found.files and found.rows > 50
    assert databases_there() == before
    assert newest(VERIFIED) == at and newest(MADE) < at


def test_it_renders_the_pages_as_of_then(site, tmp_path):
    """A post that comes out between backup and proof, and one that grows old, make no difference."""
    at = timezone.now()
    scheduled = make.post("Soon", published_at=at + timedelta(milliseconds=1))
    try:
        backup(tmp_path / "site.tar", at=at)
    finally:
        Post.objects.filter(pk=scheduled.pk).delete()
    assert verify(tmp_path / "site.tar", at=at + timedelta(days=2_000)).not_compared == ""


def test_it_names_the_page_that_came_out_otherwise(archive, tmp_path):
    with Archive(archive) as found:
        pages = found.contents["pages"]
    assert pages["/posts/queue-1/"][0] == 200
    pages["/posts/queue-1/"][1] = "0" * 64
    with pytest.raises(Different, match="/posts/queue-1/ of the restored site has other bytes"):
        verify(rebuilt(archive, tmp_path / "b.tar", contents={"pages": pages}), at=timezone.now())


def test_it_compares_answers_alone_where_another_release_made_it(archive):
    with Archive(archive) as found:
        assert incomparable(found, []) == ""
        assert "older than 1 migrations" in incomparable(found, ["blog.9999"])
        found.head["versions"]["code"] = "other"
        assert "another release" in incomparable(found, [])


def test_it_says_which_settings_bytes_need(archive, settings):
    settings.BLOG_NAME = "Another"
    with Archive(archive) as found:
        assert "BLOG_NAME='Stratum'" in incomparable(found, [])
