import pytest

from blog.models import Figure, Rendition
from blog.publishing import rules
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate():
    make.figure("event-bus", data=make.png(width=800))
    Figure.objects.update(rendered_at=make.LONG_AGO)
    return rules.Candidate.of(make.post(status="draft", body="## One\n\n![](figure:event-bus)\n"))


def findings(candidate, **over):
    Figure.objects.update(**over)
    return {finding.code: finding for finding in rules.check(candidate)}


def test_it_finds_nothing_in_a_figure_with_all_its_words(candidate):
    assert findings(candidate) == {}


def test_it_names_the_line_and_the_figure(candidate):
    finding = findings(candidate, caption="")["caption"]
    assert (finding.line, finding.figure, finding.field) == (3, "event-bus", "body")
    assert not finding.blocking


def test_a_decorative_figure_needs_neither_words_nor_caption(candidate):
    assert findings(candidate, caption="", alt="", decorative=True) == {}


@pytest.mark.parametrize("alt", ["event-bus.png", "How event-bus works", "x " * 200])
def test_it_advises_about_an_alternative_text_that_says_nothing(candidate, alt):
    assert findings(candidate, alt=alt).keys() == {"alt-says-nothing"}


def test_it_advises_about_a_figure_of_more_pixels_than_any_screen(candidate):
    assert "100 million pixels" in findings(candidate, width=10_000, height=10_000)["oversize"].message


def test_it_advises_about_a_figure_that_weighs_too_much(candidate):
    Rendition.objects.create(
        figure=Figure.objects.get(), format="avif", width=800, height=400, file="x.avif", size=3_000_000
    )
    assert "3.0 MB" in findings(candidate)["oversize"].message


def test_it_says_which_figures_wait_for_their_smaller_versions(candidate):
    finding = findings(candidate, rendered_at=None)["renditions-missing"]
    assert not finding.blocking
    assert finding.figure == "event-bus"


def test_it_asks_who_can_wait_to_wait_while_a_worker_makes_them(candidate, worker):
    Figure.objects.update(rendered_at=None)
    asked = rules.check(candidate, at=make.LONG_AGO)
    assert [(one.code, one.blocking, one.line) for one in asked] == [("renditions-waiting", True, 3)]
    assert [one.code for one in rules.check(candidate)] == ["renditions-missing"]


def test_it_lets_a_figure_pass_whose_smaller_versions_can_not_be_made(candidate, worker):
    Figure.objects.update(rendered_at=None, trouble="The picture takes too long to decode.")
    (finding,) = rules.check(candidate, at=make.LONG_AGO)
    assert (finding.code, finding.blocking) == ("renditions-missing", False)
