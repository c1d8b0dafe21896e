"""Whether what is derived still follows from what it was derived from: the tree, listings, counts, rendered text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat

from blog import markup
from blog.models import Category, Post
from blog.models.bits import Seal
from blog.models.entry import Entry
from blog.publishing import listing as filing
from blog.publishing import sealing, upkeep
from blog.publishing.checking import check_posts

from .finding import Finding, mended, ok, warning

BATCH = 2_000
FIX = "manage.py doctor --fix makes it true again."
LEADING_NOWHERE = {
    "dangling-reference",
    "dangling-anchor",
    "unknown-figure",
    "unknown-post",
    "unknown-post-figure",
    "dead-link",
    "dead-anchor",
}
"""Publish rules about references; of an editor's making all of them."""

# Sums of the tally beside the rows they count; equal by triggers, whatever happened.
TALLY = """
    SELECT category_id, tag_id, author_id, level_id, sum(posts) FROM (
        SELECT category_id, tag_id, author_id, level_id, 1 AS posts FROM blog_listing
        UNION ALL SELECT category_id, tag_id, author_id, level_id, -posts FROM blog_tally
    ) AS both_sides GROUP BY category_id, tag_id, author_id, level_id HAVING sum(posts) <> 0
"""


def tree(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Every path is the parent's with the slug behind it, from the roots down."""
    below = Category.objects.exclude(parent=None).exclude(
        path=Concat(F("parent__path"), Value("/"), F("slug"), output_field=TextField())
    )
    roots = Category.objects.filter(parent=None).exclude(path=F("slug"))
    wrong = list(below | roots)
    if not wrong:
        yield ok("categories", "Every path follows from the tree.")
    elif not fix:
        yield warning("categories", f"{len(wrong)} have a path that is not theirs: {wrong[0].path} …", FIX)
    else:
        with transaction.atomic():
            for one in sorted(Category.objects.select_related("parent"), key=lambda one: one.depth):
                one.refresh_from_db()
                one.save()
        yield mended("categories", f"The paths of {len(wrong)} follow from the tree again.")


def listing(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """What `refile` would change is what is wrong; it is taken back where nothing is to be mended."""
    posts = Post.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at)).order_by("pk")
    ids, wrong = list(posts.values_list("pk", flat=True)), 0
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            wrong += filing.correct(ids[start : start + BATCH])
            transaction.set_rollback(not fix)
    yield _verdict(
        "listings", wrong, fix, "rows of listings and search", "Every post stands where it belongs."
    )


def tally(*, at: datetime, fix: bool) -> Iterator[Finding]:
    with transaction.atomic(), connection.cursor() as cursor:
        if fix:
            # Whoever adds a row of either waits, so that what is compared belongs together.
            cursor.execute("LOCK TABLE blog_listing IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(TALLY)
        wrong = cursor.fetchall()
        if fix and wrong:
            cursor.executemany(
                "INSERT INTO blog_tally (category_id, tag_id, author_id, level_id, posts) VALUES (%s, %s, %s, %s, %s)",
                wrong,
            )
    yield _verdict("counts", len(wrong), fix, "counts of listings", "Every count is that of its listing.")


def rendering(*, at: datetime, fix: bool) -> Iterator[Finding]:
    stale = Post.objects.filter(markup_version__lt=markup.VERSION).exclude(body="").count()
    refused = 0
    if fix and stale:
        refused = sum(1 for _, trouble in upkeep.rerender() if trouble)
    yield _verdict(
        "text", stale - refused, fix, "texts rendered by an older dialect", "Every text is rendered."
    )
    if refused:
        yield warning(
            "text", f"{refused} texts can't be rendered any more.", "manage.py rerender names them."
        )


def search(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """Bits only make searches fast; what they leave out is read from the entries."""
    posts, sealed = Entry.objects.count(), Seal.objects.exists()
    missing = posts >= sealing.FEWEST and not sealed
    if missing and fix:
        sealing.seal(at=at)
    yield _verdict(
        "search", int(missing), fix, "search without its sets of bits", "The search has what it needs."
    )


def links(*, at: datetime, fix: bool) -> Iterator[Finding]:
    """References that lead nowhere, as the publish rules find them; only an editor can mend those."""
    broken = [
        (report.slug, finding.message)
        for report in check_posts(Post.objects.filter(status=Post.Status.PUBLISHED), at=at)
        for finding in report.findings
        if finding.code in LEADING_NOWHERE
    ]
    if broken:
        yield warning(
            "links",
            f"{len(broken)} references in published posts lead nowhere, the first in {broken[0][0]}: {broken[0][1]}",
            "manage.py check_posts lists all of them; editors mend them.",
        )
    else:
        yield ok("links", "Every reference in published posts leads somewhere.")


def _verdict(name: str, wrong: int, fixed: bool, what: str, sound: str) -> Finding:
    if not wrong:
        return ok(name, sound)
    return (
        mended(name, f"{wrong:,} {what}: made true again.")
        if fixed
        else warning(name, f"{wrong:,} {what} are not true.", FIX)
    )
