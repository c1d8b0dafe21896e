"""Pages of long lists: no exact count of everything, no far page that reads all the rows before it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connections
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

CAP = 10_000
FOUND = 1_000  # of a search: nobody pages through more, and each row found is one to be read


class CappedPaginator(Paginator):
    """Counts to a cap and no further. A list without any filter is as long as PostgreSQL's own statistics say; `label`
    says how exact the number is."""

    object_list: QuerySet[Any]

    def __init__(self, *args: Any, cap: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cap = cap or CAP

    @cached_property
    def estimate(self) -> int:
        """The rows of the whole table as of its last ANALYZE; 0 for a list that is filtered."""
        query = self.object_list.query
        if query.where or query.is_sliced:
            return 0
        with connections[self.object_list.db].cursor() as cursor:
            table = query.get_meta().db_table
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
            (rows,) = cursor.fetchone()
        return int(rows) if rows > self.cap else 0

    @cached_property
    def counted(self) -> int:
        """Exact up to the cap; one more stands for any number."""
        return self.estimate or self.object_list.order_by().values("pk")[: self.cap + 1].count()

    @cached_property
    def count(self) -> int:
        return self.estimate or min(self.counted, self.cap)

    @property
    def label(self) -> str:
        """The count as a reader of the list should see it: `12`, `10,000+` or `about 104,000`."""
        if self.estimate:
            return _("about {number}").format(
                number=number_format(round(self.estimate, -3), force_grouping=True)
            )
        return f"{self.cap:,}+" if self.counted > self.cap else f"{self.counted:,}"

    def page(self, number: Any) -> Page:
        """Reads the keys of the page first: they come from an index alone, so that skipping costs little."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        keys = list(self.object_list.values_list("pk", flat=True)[start : start + self.per_page])
        return Page(self.object_list.filter(pk__in=keys), number, self)
