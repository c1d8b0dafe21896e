"""What many posts have in common, as one bit a post: by which a search counts a million posts in milliseconds."""

from __future__ import annotations

from typing import Any

from django.db import models

BLOCK = 8_192
"""Posts with neighbouring ids that share a row: post `id` is bit `id % BLOCK`, from the left, of block `id // BLOCK`. A
row is then a kilobyte, seven to a page, and never stored apart."""

MOST_UNSEALED = 2_000
"""Posts written since the bits were set, each of which costs a look at its words: with more, bits are not asked."""


class BitField(models.Field[Any, Any]):
    """PostgreSQL's `bit(BLOCK)`. It is read and written by statements of our own only."""

    def db_type(self, connection: Any) -> str:
        return f"bit({BLOCK})"


class Bits(models.Model):
    """The posts of a block that have something in common: `kind` is `word` or `head` (`value` a lexeme of the entry's
    `words` or `heads`), `category`, `level`, `tag`, `author` (an id), `lang` (in small letters), `month` (2026-02, in
    the time zone of the seal) or `all`. No row means that no post has it, provided that it is `Common`, or of a kind
    that always is.
    """

    pk = models.CompositePrimaryKey("kind", "value", "block")
    kind = models.CharField(max_length=8, db_collation="C")
    value = models.TextField(db_collation="C")
    block = models.IntegerField()
    bits = BitField()

    class Meta:
        verbose_name_plural = "bits"
        indexes = [models.Index(fields=["block"], name="bits_block")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}, block {self.block}"


class Common(models.Model):
    """A word, tag or author that so many posts have that bits are kept of it."""

    pk = models.CompositePrimaryKey("kind", "value")
    kind = models.CharField(max_length=8, db_collation="C")
    value = models.TextField(db_collation="C")

    class Meta:
        verbose_name_plural = "common"

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Unsealed(models.Model):
    """A post whose bits are not to be believed: a trigger on the entries adds a row for each that is written or goes.
    No writer waits for another; `publishing.sealing` takes the rows away when it has set the bits."""

    post_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "unsealed"

    def __str__(self) -> str:
        return f"unsealed {self.post_id}"


class Seal(models.Model):
    """That there are bits: one row or none. They leave out what had expired at `sealed_at`, so they say nothing of
    instants before."""

    sealed_at = models.DateTimeField()
    zone = models.TextField()
    posts = models.IntegerField()

    def __str__(self) -> str:
        return f"sealed at {self.sealed_at}"
