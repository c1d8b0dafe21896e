import pytest
from django.core.files.storage import default_storage
from django_tasks_db.models import DBTaskResult

from blog import imaging
from blog.models import Figure
from blog.models.figure import originals
from blog.publishing import figures, tasks
from tests import make

pytestmark = pytest.mark.django_db


def test_it_keeps_the_upload_apart_from_what_it_serves():
    data = make.png()
    figure = make.figure(data=data)
    assert originals().open(figure.original.name).read() == data
    assert default_storage.exists(figure.image.name)
    assert not default_storage.exists(figure.original.name)
    assert (figure.width, figure.height) == (640, 400)


def test_it_leaves_the_renditions_to_a_worker_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        figure = make.figure()
        assert not DBTaskResult.objects.exists()
    assert DBTaskResult.objects.get().task_path.endswith("make_renditions")
    assert figure.rendered_at is None


def test_it_asks_for_no_new_renditions_when_only_words_change(now, django_capture_on_commit_callbacks):
    figure = make.figure()
    figures.make_renditions(figure, at=now)
    figure.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        figure.caption = "Other words"
        figures.save(figure)
    assert not DBTaskResult.objects.exists()


def test_it_makes_modern_renditions_and_a_fallback(now):
    figure = make.figure(data=make.png(width=1600, height=1000))
    figures.make_renditions(figure, at=now)
    figure.refresh_from_db()
    assert figure.rendered_at == now
    formats = set(figure.renditions.values_list("format", flat=True))
    assert "webp" in formats
    assert formats & {"png", "jpeg"}
    for one in figure.renditions.all():
        assert default_storage.size(one.file.name) == one.size
        assert one.width <= 1600


def test_it_may_run_twice(now):
    figure = make.figure()
    first = figures.make_renditions(figure, at=now)
    assert figures.make_renditions(figure, at=now) == first
    assert figure.renditions.count() == first


def test_it_discards_renditions_of_a_picture_replaced_meanwhile(now):
    figure = make.figure()
    stale = Figure.objects.get(pk=figure.pk)
    figures.take_upload(figure, make.png(text="new"), name="new.png")
    figures.save(figure)
    figures.make_renditions(stale, at=now)
    figure.refresh_from_db()
    assert figure.rendered_at is None
    assert figure.renditions.count() == 0


def test_it_stores_nothing_of_an_upload_that_is_refused(settings):
    figure = Figure(slug="bad", alt="A thing that is not there.")
    with pytest.raises(imaging.ImageRefused):
        figures.take_upload(figure, b"not an image", name="x.png")
    assert not settings.MEDIA_ROOT.exists() or not list(settings.MEDIA_ROOT.rglob("*.png"))


def test_it_takes_a_figure_that_is_gone_for_done():
    assert tasks.make_renditions.func(10**9) == 0


def test_it_writes_down_why_renditions_can_not_be_made_and_posts_need_not_wait_for_ever(settings, now):
    figure, whole = make.figure("broken"), make.figure("whole")
    figures.make_renditions(whole, at=now)
    (settings.MEDIA_ROOT / figure.image.name).write_bytes(b"nothing of a picture")
    assert tasks.make_renditions.func(figure.pk) == 0
    figure.refresh_from_db()
    assert "not a picture" in figure.trouble
    assert figures.waiting(["whole", "broken", "no-such"]) == ["broken"]
    figures.do_without(figure, at=now)
    assert figures.waiting(["broken"]) == []


def test_it_tries_again_when_asked(now, django_capture_on_commit_callbacks):
    figure = make.figure()
    figures.make_renditions(figure, at=now)
    with django_capture_on_commit_callbacks(execute=True):
        figures.try_again(figure)
    figure.refresh_from_db()
    assert (figure.rendered_at, figure.trouble) == (None, "")
    assert figure.renditions.exists()
    assert DBTaskResult.objects.get().task_path.endswith("make_renditions")


def test_it_finds_the_figure_that_was_made_of_a_file():
    figure = make.figure()
    assert figures.same_as(figure.content_hash) == figure
    assert figures.same_as(figure.content_hash, but=figure.pk) is None
    assert figures.same_as("0" * 64) is None


def test_it_finds_a_free_key():
    assert figures.free_key("bus") == "bus"
    make.figure("bus")
    make.figure("bus-2")
    assert figures.free_key("bus") == "bus-3"
    assert figures.free_key("") == "figure"
    assert len(figures.free_key("x" * 80)) == 80
