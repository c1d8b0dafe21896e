import os
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from blog.models import Post
from blog.models.figure import originals
from blog.operating.soundness import State, files
from blog.publishing import figures
from tests import make

pytestmark = pytest.mark.django_db


def run(check, fix=False, at=None):
    return {one.name: one for one in check(at=at or timezone.now(), fix=fix)}


@pytest.fixture
def figure():
    made = make.figure()
    figures.make_renditions(made, at=timezone.now())
    return made


def test_it_finds_every_file_where_it_belongs(figure):
    assert {one.state for check in (files.missing, files.orphaned) for one in run(check).values()} == {
        State.OK
    }


@pytest.mark.parametrize(("column", "storage"), [("image", lambda: default_storage), ("original", originals)])
def test_it_names_a_picture_that_is_lost_and_where_it_comes_from(figure, column, storage):
    file = getattr(figure, column)
    storage().delete(file.name)
    finding = run(files.missing, fix=True)["pictures"]
    assert finding.state == State.WARNING and file.name in finding.words and "backup" in finding.mend


def test_it_makes_lost_renditions_again(figure):
    one = figure.renditions.first().file
    one.storage.delete(one.name)
    assert run(files.missing)["made files"].state == State.WARNING
    assert run(files.missing, fix=True)["made files"].fixed
    run(files.renditions, fix=True, at=timezone.now() + timedelta(hours=1))
    assert one.storage.exists(one.name)
    assert "made files" not in run(files.missing)


def test_it_lets_a_lost_social_card_be_drawn_again(figure):
    post = make.post()
    Post.objects.filter(pk=post.pk).update(social_card="cards/gone.png")
    run(files.missing, fix=True)
    run(files.renditions, fix=True)
    post.refresh_from_db()
    assert post.social_card.name and default_storage.exists(post.social_card.name)


def test_it_removes_what_nothing_names_after_a_week_and_nothing_else(figure):
    old = default_storage.save("figures/aa/nobody.png", ContentFile(b"x"))
    new = default_storage.save("figures/aa/just-now.png", ContentFile(b"x"))
    card = default_storage.save("cards/former.png", ContentFile(b"x"))
    long_ago = (timezone.now() - timedelta(days=8)).timestamp()
    for name in (old, card, figure.image.name):
        os.utime(default_storage.path(name), (long_ago, long_ago))
    finding = run(files.orphaned)["files without a row"]
    assert finding.state == State.WARNING and old in finding.words and finding.words.startswith("1 files")
    assert default_storage.exists(old)
    run(files.orphaned, fix=True)
    assert not default_storage.exists(old)
    assert all(map(default_storage.exists, (new, card, figure.image.name)))


@pytest.mark.parametrize("folder", ["figures/aa", "cards"])
def test_it_removes_what_a_killed_restore_has_written_half(folder):
    half = default_storage.save(f"{folder}/.one.png.123.part", ContentFile(b"x"))
    at = timezone.now() + timedelta(days=8)
    assert half in run(files.orphaned, at=at)["files without a row"].words
    run(files.orphaned, fix=True, at=at)
    assert not default_storage.exists(half)
