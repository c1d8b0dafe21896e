"""What the site itself is called, in names that machines keep."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

NOWHERE = uuid.UUID(int=0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Publication(models.Model):
    """The one row that says who this site is, for as long as its data live: its name, its domain and its server may
    change. Feeds take their ids from it. The migration that made the table wrote the row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    founded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(name="publication_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"urn:uuid:{self.uid}"

    def name_of(self, what: str) -> str:
        """A name for ever of something of this site, as an address: RFC 4122's version 5 of `what`, such as
        `category:12`, in this publication's own space."""
        return f"urn:uuid:{uuid.uuid5(self.uid, what)}"


def read_publication() -> Publication:
    """The row, which never changes: asked for once in the life of a process. A database that was emptied of it gets
    names that are at least stable."""
    global _read
    if _read is None:
        _read = Publication.objects.first()
    return _read or Publication(uid=NOWHERE, founded_at=EPOCH)


_read: Publication | None = None
