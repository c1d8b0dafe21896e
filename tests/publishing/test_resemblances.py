import io

import pytest
from PIL import Image

from blog.models import Figure, Resemblance
from blog.publishing import figures, resemblances, upkeep
from tests import make

pytestmark = pytest.mark.django_db


def drawing(seed: int, width: int = 320) -> bytes:
    """Nine by eight fields of grey, another pattern for each seed."""
    field = Image.frombytes("L", (9, 8), bytes((seed * 37 + n * n * 53) % 256 for n in range(72)))
    out = io.BytesIO()
    field.resize((width, width * 8 // 9), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def alike(figure: Figure) -> list[str]:
    return [one.other.slug for one in figure.resemblances.select_related("other")]


def test_it_finds_pictures_that_look_alike_in_both_directions():
    first = make.figure("first", data=drawing(1))
    smaller, other = make.figure("smaller", data=drawing(1, 200)), make.figure("other", data=drawing(2))
    assert (alike(first), alike(smaller), alike(other)) == (["smaller"], ["first"], [])


def test_it_forgets_who_looked_like_a_picture_that_was_replaced():
    first, second = make.figure("first", data=drawing(1)), make.figure("second", data=drawing(1, 200))
    figures.take_upload(second, drawing(2), name="second.png")
    figures.save(second)
    assert not alike(first)
    assert not Resemblance.objects.exists()


def test_it_compares_nothing_with_a_blank_picture():
    out = io.BytesIO()
    Image.new("RGB", (100, 80), "white").save(out, "PNG")
    assert make.figure("blank", data=out.getvalue()).look is None


def test_it_looks_at_figures_that_came_in_before_anybody_asked():
    first, second = make.figure("first", data=drawing(1)), make.figure("second", data=drawing(1, 200))
    looks, weight = first.look, first.weight
    Resemblance.objects.all().delete()
    Figure.objects.update(look=None, weight=None)
    assert [trouble for _, trouble in upkeep.look_at_figures()] == ["", ""]
    first.refresh_from_db()
    assert (first.look, first.weight) == (looks, weight)
    assert alike(second) == ["first"]
    assert not list(upkeep.look_at_figures())


def test_it_tells_of_a_figure_whose_file_is_gone_and_goes_on(settings):
    figure = make.figure("gone", data=drawing(1))
    Figure.objects.update(weight=None)
    (settings.MEDIA_ROOT / figure.image.name).unlink()
    ((_, trouble),) = upkeep.look_at_figures()
    assert trouble


def test_it_leaves_out_what_has_another_shape():
    first, wide = make.figure("first", data=drawing(1)), make.figure("wide", data=make.png(41, 41))
    Figure.objects.filter(pk=wide.pk).update(look=first.look, width=1000, height=100)
    wide.refresh_from_db()
    resemblances.note(wide)
    assert not alike(wide)
