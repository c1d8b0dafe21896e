import pytest
from django.core.management import CommandError, call_command

from blog import markup
from blog.models import Figure, Post
from blog.publishing import upkeep
from tests import make

pytestmark = pytest.mark.django_db


def test_it_renders_what_an_older_dialect_has_left_and_nothing_else():
    stale, fresh = make.post(), make.post()
    Post.objects.filter(pk=stale.pk).update(markup_version=markup.VERSION - 1, body_html="old")
    Post.objects.filter(pk=fresh.pk).update(body_html="kept")
    assert [(post.pk, trouble) for post, trouble in upkeep.rerender()] == [(stale.pk, "")]
    assert "A paragraph." in Post.objects.get(pk=stale.pk).body_html
    assert Post.objects.get(pk=fresh.pk).body_html == "kept"


def test_it_goes_on_past_a_post_that_cannot_be_rendered(capsys):
    bad, good = make.post(slug="bad"), make.post(slug="good")
    Post.objects.filter(pk=bad.pk).update(body="x" * (markup.MAX_CHARACTERS + 1))
    Post.objects.update(markup_version=markup.VERSION - 1, body_html="old")
    with pytest.raises(CommandError, match="1 posts could not"):
        call_command("rerender")
    assert "bad:" in capsys.readouterr().err
    assert Post.objects.get(pk=bad.pk).body_html == "old"
    assert Post.objects.get(pk=good.pk).body_html != "old"


def test_it_makes_the_renditions_that_a_lost_worker_left_undone(capsys):
    figure = make.figure()
    call_command("make_renditions")
    assert "1 figures rendered" in capsys.readouterr().out
    assert Figure.objects.get(pk=figure.pk).rendered_at is not None
    assert figure.renditions.exists()


def test_it_names_a_figure_whose_picture_is_lost(capsys):
    figure = make.figure("lost")
    figure.image.storage.delete(figure.image.name)
    with pytest.raises(CommandError):
        call_command("make_renditions")
    assert "lost:" in capsys.readouterr().err
