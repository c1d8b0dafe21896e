"""The doors to the archive: all years and months, one year, one month."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext
from django.views.generic import TemplateView

from blog.models import Selection
from blog.models.archive import Month, around, read_archive, read_year
from blog.models.routes import route

from . import wording
from .listings import ListingView


class Archives(TemplateView):
    """Every year and month with the number of its posts."""

    template_name = "blog/archives.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        years = read_archive(at=timezone.now())
        most = max((month.posts for year in years for month in year.months), default=0)
        return super().get_context_data(**kwargs) | {
            "years": years,
            "most": most,
            "posts": sum(year.posts for year in years),
        }


class DatedPosts(ListingView):
    """The posts of a year or month. A month without any is shown as such, in a year that has some."""

    template_name = "blog/archive.html"

    def beside(self) -> tuple[list[Month], Selection | None, Selection | None]:
        """The months to show, and the nearest of its kind before and after that have posts. One query."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        months, older, newer = self.beside()
        if not sum(one.posts_count for one in self.levels) and self.selection.year not in {
            one.year for one in (older, newer) if one
        }:
            raise Http404("Nothing was published that year.")
        return super().get_context_data(**kwargs) | {
            "months": months,
            "older": older and (wording.when(older), older.url()),
            "newer": newer and (wording.when(newer), newer.url()),
        }

    def crumbs(self) -> list[tuple[str, str]]:
        steps = [(gettext("Archive"), route("archives"))]
        if self.selection.month:
            year = Selection(year=self.selection.year)
            steps.append((wording.when(year), year.url()))
        if self.selection.level:
            plain = self.selection.replace(level=None)
            steps.append((wording.when(plain), plain.url()))
        return steps


class YearPosts(DatedPosts):
    def beside(self) -> tuple[list[Month], Selection | None, Selection | None]:
        return read_year(self.selection.year or 0, at=self.at)


class MonthPosts(DatedPosts):
    def beside(self) -> tuple[list[Month], Selection | None, Selection | None]:
        return [], *around(self.selection, at=self.at)
