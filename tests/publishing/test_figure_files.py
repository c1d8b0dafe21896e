import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django_tasks_db.models import DBTaskResult

from blog import imaging
from blog.models import Figure, FigureVersion
from blog.models.figure import originals
from blog.publishing import figure_files, figures
from tests import make

pytestmark = pytest.mark.django_db

NEW = make.png(800, 400, "new")


def proposed(figure: Figure, now, *, data: bytes = NEW, by=None, name: str = "new.png") -> FigureVersion:
    return figure_files.propose(figure, imaging.clean(data, name=name), data, name=name, at=now, by=by)


def test_it_changes_nothing_of_a_figure_until_its_new_file_is_confirmed(now):
    figure = make.figure()
    version = proposed(figure, now)
    same = Figure.objects.get(pk=figure.pk)
    assert (same.image.name, same.width) == (figure.image.name, 640)
    assert (version.width, version.kind) == (800, "proposed")


def test_it_replaces_the_file_and_keeps_the_former_one_with_all_references(now):
    figure = make.figure()
    figures.make_renditions(figure, at=now)
    post = make.post(body="![](figure:event-bus)\n", lead_figure=figure)
    former = figure.original.name
    replaced = figure_files.replace(proposed(figure, now), seen=figure.content_hash, at=now, by=None)
    assert (replaced.pk, replaced.slug, replaced.width, replaced.rendered_at) == (
        figure.pk,
        "event-bus",
        800,
        None,
    )
    assert post.placements.get().figure == replaced
    kept = FigureVersion.objects.get()
    assert (kept.kind, kept.original.name, kept.width) == ("former", former, 640)
    assert originals().open(former).read() == make.png(text="event-bus")
    assert replaced.renditions.exists()  # until the new ones are there
    figures.make_renditions(replaced, at=now)
    assert {one.fits(replaced) for one in replaced.renditions.all()} == {True}


def test_it_puts_the_former_file_back_and_keeps_the_one_that_was_there(now):
    figure = make.figure()
    before = figure.content_hash
    after = figure_files.replace(proposed(figure, now), seen=before, at=now, by=None)
    back = figure_files.replace(FigureVersion.objects.get(), seen=after.content_hash, at=now, by=None)
    assert (back.content_hash, back.width, back.original_name) == (before, 640, "event-bus.png")
    assert FigureVersion.objects.get().width == 800


def test_it_refuses_to_replace_what_was_replaced_since_the_editor_looked(now):
    figure = make.figure()
    first, second = proposed(figure, now, by=None), FigureVersion()
    figure_files.copy(figure, second)
    second.figure, second.at = figure, now
    second.save()
    seen = figure.content_hash
    figure_files.replace(first, seen=seen, at=now, by=None)
    with pytest.raises(figure_files.CannotReplace, match="meanwhile"):
        figure_files.replace(second, seen=seen, at=now, by=None)
    with pytest.raises(figure_files.CannotReplace, match="meanwhile"):
        figure_files.replace(first, seen=seen, at=now, by=None)


def test_it_takes_new_words_with_the_new_file_or_neither(now):
    figure = make.figure()
    version = proposed(figure, now)
    with pytest.raises(ValidationError):
        figure_files.replace(version, seen=figure.content_hash, at=now, by=None, alt=" ")
    assert Figure.objects.get().content_hash == figure.content_hash
    figure_files.replace(version, seen=figure.content_hash, at=now, by=None, alt="Six boxes in a ring.")
    assert Figure.objects.get().alt == "Six boxes in a ring."


def test_it_refuses_the_same_file_and_a_drawing(now):
    figure = make.figure()
    with pytest.raises(figure_files.CannotReplace, match="already"):
        proposed(figure, now, data=make.png(text="event-bus"))
    figure.notation = "mermaid"
    with pytest.raises(figure_files.CannotReplace, match="drawn from the text"):
        proposed(figure, now)


def test_it_forgets_what_was_proposed_before_by_the_same_editor(now):
    figure = make.figure()
    proposed(figure, now)
    proposed(figure, now, data=make.png(400, 400, "third"))
    assert FigureVersion.objects.get().width == 400


def test_it_removes_the_files_of_a_deleted_figure_a_day_later_but_those_that_others_need(
    now, django_capture_on_commit_callbacks
):
    data = make.png(text="shared")
    gone, stays = make.figure("gone", data=data), make.figure("stays", data=data)
    alone = make.figure("alone")
    proposed(alone, now)
    with django_capture_on_commit_callbacks(execute=True):
        assert figure_files.delete([gone, alone], at=now) == 2
    task = DBTaskResult.objects.get(task_path__endswith="sweep_files")
    assert task.run_after == now + figure_files.KEPT
    assert default_storage.exists(alone.image.name)
    assert figure_files.sweep(*task.args_kwargs["args"]) == 4
    assert not default_storage.exists(alone.image.name)
    assert default_storage.exists(stays.image.name)
    assert originals().exists(stays.original.name)
