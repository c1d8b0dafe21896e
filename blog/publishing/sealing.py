"""Sets the bits by which searches count: for what has been written since, block by block, or for all posts anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.db import connection, transaction
from django.utils import timezone

from blog.models.bits import BLOCK, Bits, Common, Seal, Unsealed
from blog.models.entry import Entry
from blog.models.live import within

FEWEST = 5_000
"""Posts from which on bits are worth their keep: fewer are counted from their entries within milliseconds."""

SHARE = 0.01
"""Of all posts, those that must have a word in common to make it a common one."""

ENOUGH = 4_000
"""So many make it one among any number: a search looks up each post of a word that is none, some microseconds each."""

NAMED_SHARE = 0.001
"""The same for a tag or an author: there are few of them, and narrowing a listing counts all."""

SAMPLE = 3_000

MANY = 200
"""Unsealed posts, each of which costs a search some microseconds: setting bits writes a third of a megabyte a post."""

SPARSEST = 100
"""Ids to a post from which on blocks would be empty but for a few."""

# Some entries tell which words are common; which of them are, and which tags, is a matter of speed only.
COMMON = """
    INSERT INTO blog_common (kind, value)
    SELECT 'word', word FROM ts_stat($$SELECT words FROM blog_entry TABLESAMPLE SYSTEM ({percent})$$)
        WHERE ndoc >= {least} AND length(word) < 200
    UNION ALL
    SELECT 'head', word FROM ts_stat($$SELECT heads FROM blog_entry TABLESAMPLE SYSTEM ({percent})$$)
        WHERE ndoc >= {least} AND length(word) < 200
    UNION ALL
    SELECT 'tag', tag_id::text FROM blog_tally WHERE tag_id IS NOT NULL
        GROUP BY tag_id HAVING sum(posts) >= {named}
    UNION ALL
    SELECT 'author', author_id::text FROM blog_tally WHERE author_id IS NOT NULL
        GROUP BY author_id HAVING sum(posts) >= {named}
"""

# Rows of the block that say something else of these posts than what is wanted.
MEND = """
    WITH wanted AS MATERIALIZED (
        SELECT * FROM unnest(%(kinds)s::text[], %(values)s::text[], %(bits)s::text[]) AS wanted (kind, value, bits)
    ), stale AS (
        SELECT here.kind, here.value, coalesce(wanted.bits, %(none)s)::bit({BLOCK}) AS bits
        FROM blog_bits AS here LEFT JOIN wanted ON wanted.kind = here.kind AND wanted.value = here.value
        WHERE here.block = %(block)s
            AND here.bits & %(mask)s::bit({BLOCK}) <> coalesce(wanted.bits, %(none)s)::bit({BLOCK})
    ), mended AS (
        UPDATE blog_bits AS old SET bits = old.bits & ~%(mask)s::bit({BLOCK}) | stale.bits
        FROM stale WHERE old.kind = stale.kind AND old.value = stale.value AND old.block = %(block)s
    )
    INSERT INTO blog_bits (kind, value, block, bits)
    SELECT kind, value, %(block)s, bits::bit({BLOCK}) FROM wanted ON CONFLICT DO NOTHING
""".replace("{BLOCK}", str(BLOCK))

Facts = dict[tuple[str, str], int]


def is_due() -> bool:
    """Whether so many posts have been written that searches would notice."""
    return Unsealed.objects.count() >= MANY


def seal(*, at: datetime, anew: bool = False) -> int:
    """Makes the bits true at `at` (aware) of all that has been written, returns for how many posts; 0 while another
    process is at it, or while there are so few posts that none are kept.

    All are set anew when asked, when the time zone of the site has changed, or when there are twice as many posts as
    the common words were chosen for. One transaction: searches use the old bits until it ends. A post that is written
    meanwhile stays unsealed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('blog_bits'))")
        if cursor.fetchone() == (False,):
            return 0
        # Taken before the entries are read: whatever is committed after this adds rows that stay.
        taken = dict(Unsealed.objects.values_list("pk", "post_id"))
        held, posts = Seal.objects.first(), Entry.objects.count()
        zone = timezone.get_default_timezone()
        if posts < FEWEST or _newest() > SPARSEST * max(posts, BLOCK):
            _forget()
            Unsealed.objects.filter(pk__in=taken).delete()
            return 0
        if anew or held is None or held.zone != str(zone) or posts > 2 * held.posts:
            sealed = _set_all(at, zone, posts)
        else:
            ended = Entry.objects.filter(expires_at__gt=held.sealed_at, expires_at__lte=at)
            changed = {*taken.values(), *ended.values_list("pk", flat=True)}
            sealed = _set(changed, at, zone)
            Seal.objects.filter(pk=held.pk).update(sealed_at=max(at, held.sealed_at))
        waiting = Entry.objects.filter(published_at__gt=at).values_list("pk", flat=True)
        Unsealed.objects.filter(pk__in=taken).delete()
        Unsealed.objects.bulk_create(Unsealed(post_id=pk) for pk in waiting)
        return sealed


def enter_pairs() -> None:
    """Enters into the index of neighbouring words what saves have left in its list: a thousand places of a large index
    for each. Some later save would have to, and its editor to wait for it. Only the owner of an index may."""
    _enter(["phrasing_pairs"])


def enter_words() -> None:
    """The same for all indexes of the words of entries, for whoever writes hundreds of them: one that finds a list full
    enters it there and then, and whoever needs one of its rows waits until it has. Never within a transaction."""
    _enter(["phrasing_pairs", "entry_facets", "entry_heads"])


def _enter(indexes: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gin_clean_pending_list(oid) FROM pg_class"
            " WHERE relname = ANY(%s) AND relkind = 'i' AND oid = to_regclass(relname::text)"
            " AND pg_has_role(relowner, 'USAGE')",
            [indexes],
        )


def _newest() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _forget() -> None:
    for model in (Bits, Common, Seal):
        model._default_manager.all().delete()


def _set_all(at: datetime, zone: tzinfo, posts: int) -> int:
    _forget()
    percent = min(100.0, 100 * SAMPLE / posts)
    with connection.cursor() as cursor:
        least = max(2, round(min(SHARE * posts, ENOUGH) * percent / 100))
        cursor.execute(COMMON.format(percent=percent, least=least, named=max(2, round(NAMED_SHARE * posts))))
    common, sealed = _common(), 0
    for block in range(_newest() // BLOCK + 1):
        ids = range(block * BLOCK, (block + 1) * BLOCK)
        facts, mask = _facts(ids, at, zone, common)
        if not mask:
            continue
        sealed += mask.bit_count()
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY blog_bits (kind, value, block, bits) FROM STDIN") as copy,
        ):
            for (kind, value), bits in sorted(facts.items()):
                copy.write_row((kind, value, block, _written(bits)))
    Seal.objects.create(sealed_at=at, zone=str(zone), posts=posts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_bits")
    return sealed


def _set(posts: set[int], at: datetime, zone: tzinfo) -> int:
    common = _common() if posts else set()
    for block, ids in _blocks(posts):
        facts, _live = _facts(ids, at, zone, common)
        mask = sum(1 << (BLOCK - 1 - pk % BLOCK) for pk in ids)
        with connection.cursor() as cursor:
            cursor.execute(
                MEND,
                {"block": block, "mask": _written(mask), "none": _written(0), "kinds": [kind for kind, _ in facts],
                 "values": [value for _, value in facts], "bits": [_written(bits) for bits in facts.values()]},
            )  # fmt: skip
    return len(posts)


def _common() -> set[tuple[str, str]]:
    return set(Common.objects.values_list("kind", "value"))


def _blocks(posts: set[int]) -> Iterator[tuple[int, list[int]]]:
    by_block: dict[int, list[int]] = defaultdict(list)
    for pk in posts:
        by_block[pk // BLOCK].append(pk)
    yield from sorted(by_block.items())


def _facts(
    ids: list[int] | range, at: datetime, zone: tzinfo, common: set[tuple[str, str]]
) -> tuple[Facts, int]:
    """What the live posts among these of one block have in common, with the bits of each; and the bits of all."""
    live = Entry.objects.filter(within(at))
    chosen = (
        live.filter(pk__gte=ids[0], pk__lt=ids[-1] + 1) if isinstance(ids, range) else live.filter(pk__in=ids)
    )
    facts: Facts = defaultdict(int)
    words = ("tsvector_to_array(words)", "tsvector_to_array(heads)")
    rows = chosen.extra(select={"w": words[0], "h": words[1]}).values_list(  # noqa: S610 - constants
        "pk", "level_id", "published_at", "language", "categories", "tags", "authors", "w", "h"
    )
    spread: dict[tuple[str, str], list[int]] = defaultdict(list)
    for pk, level, published, language, categories, tags, authors, found, heads in rows.order_by().iterator():
        place = BLOCK - 1 - pk % BLOCK
        for kind, values in (("category", categories), ("tag", tags), ("author", authors)):
            for value in values:
                spread[kind, str(value)].append(place)
        for kind, lexemes in (("word", found), ("head", heads)):
            for lexeme in lexemes or ():
                spread[kind, lexeme].append(place)
        spread["level", str(level)].append(place)
        spread["lang", language.lower()].append(place)
        spread["month", published.astimezone(zone).isoformat()[:7]].append(place)
        spread["all", ""].append(place)
    for what, places in spread.items():
        if what[0] in {"word", "head", "tag", "author"} and what not in common:
            continue
        facts[what] = _bits(places)
    return facts, facts.get(("all", ""), 0)


def _bits(places: list[int]) -> int:
    """Set byte by byte: a number of a thousand bytes is otherwise copied for each."""
    filled = bytearray(BLOCK // 8)
    for place in places:
        filled[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(filled, "little")


def _written(bits: int) -> str:
    """As PostgreSQL reads a bit string in hexadecimal: https://www.postgresql.org/docs/current/sql-syntax-lexical.html."""
    return f"x{bits:0{BLOCK // 4}x}"
