"""Fills an empty database: set-based, in batches as they would be published, through the site's own listing verb."""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from blog import markup
from blog.models import Author, Category, Figure, Post, Tag
from blog.publishing import listing, sealing, shrinking

from . import corpus, progress
from .surroundings import Surroundings

VERSION = 4
"""Raised whenever the same number of posts of the same length gives another database."""

BATCH = 2_000
TELLING = 20_000
"""So many posts hold every word of the corpus hundreds of times: the lexicon would learn nothing from later ones."""

ID_BASE = 1_000


@dataclass
class Loaded:
    """How long loading took, in seconds, by part; `rates` are the posts/s of each batch."""

    posts: int
    seconds: dict[str, float] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)

    def add(self, posts: int, seconds: dict[str, float]) -> None:
        self.rates.append(posts / sum(seconds.values()))
        for part, spent in seconds.items():
            self.seconds[part] = self.seconds.get(part, 0) + spent

    def spend(self, part: str, since: float) -> float:
        now = time.perf_counter()
        self.seconds[part] = self.seconds.get(part, 0) + now - since
        return now


def expected_label(count: int, words: int = corpus.WORDS) -> str:
    length = "" if words == corpus.WORDS else f" of {words} words"
    return f"stratum benchmark: {count} posts{length}, load {VERSION}, markup {markup.VERSION}, seed {corpus.SEED}"


def load_posts(count: int, *, words: int = corpus.WORDS, say: Callable[[str], None]) -> Loaded:
    """Writes `count` posts of `words` words with all their relations into an empty, migrated database: a connection for
    each core, for it is PostgreSQL that has the work. Seconds are added up over all connections. What was interrupted
    is gone on with.

    Raises:
        NotEmpty: there are other posts, or so many, but of another length, were begun.
    """
    done = Loaded(count)
    clock = time.perf_counter()
    begun = progress.begin(count, words)
    clock = done.spend("indexes", clock)
    surroundings = Surroundings.load(words)
    done.spend("surroundings", clock)
    told = started = time.perf_counter()
    finished = 0
    writers = os.cpu_count() or 1
    with ThreadPoolExecutor(writers, initializer=_prepare) as pool:
        waiting: set[futures.Future[tuple[int, dict[str, float]]]] = set()
        try:
            upcoming = batches(corpus.plans(count), BATCH)
            # No more are made ahead than are soon written: a batch is some ten megabytes.
            waiting = {
                pool.submit(_write, batch, words, surroundings)
                for batch in itertools.islice(upcoming, 2 * writers)
            }
            while waiting:
                written, waiting = futures.wait(waiting, return_when=futures.FIRST_COMPLETED)
                waiting |= {
                    pool.submit(_write, batch, words, surroundings)
                    for batch in itertools.islice(upcoming, len(written))
                }
                for one in written:
                    posts, spent = one.result()
                    finished += posts
                    done.add(posts, spent)
                if time.perf_counter() - told > 10:
                    told = time.perf_counter()
                    say(f"  {finished:,} of {count:,} posts, {finished / (told - started):,.0f} posts/s")
        finally:
            # Interrupted or not, no connection stays open.
            for one in waiting:
                one.cancel()
            everybody = threading.Barrier(writers)
            for left in [pool.submit(_leave, everybody) for _ in range(writers)]:
                left.result()
    _finish(done, begun)
    return done


def batches(plans: Iterator[corpus.PostPlan], size: int) -> Iterator[list[corpus.PostPlan]]:
    while batch := list(itertools.islice(plans, size)):
        yield batch


def _prepare() -> None:
    """For a connection that only loads: a crash of a benchmark loses nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            "CREATE TEMPORARY TABLE plan (id bigint, text_id bigint, title text, slug text, summary text,"
            " level_id bigint, figure_id bigint, published_at timestamptz, expires_at timestamptz, prose text)"
        )


def _leave(all_here: threading.Barrier) -> None:
    """Closes this thread's connection, once every thread is here to close its own."""
    all_here.wait()
    connection.close()


def _write(
    batch: Sequence[corpus.PostPlan], words: int, around: Surroundings
) -> tuple[int, dict[str, float]]:
    spent, clock = Loaded(len(batch)), time.perf_counter()
    if Post.objects.filter(pk=ID_BASE + batch[0].number).exists():
        # A run that was interrupted has written it: a batch is whole or not there.
        return len(batch), {"seen": time.perf_counter() - clock}
    with transaction.atomic():
        _copy_posts(batch, words, around.texts, around.figures, around.levels)
        clock = spent.spend("posts", clock)
        _copy_relations(batch, around.categories, around.tags, around.authors)
        clock = spent.spend("relations", clock)
        listing.refile([ID_BASE + plan.number for plan in batch], learn=batch[0].number <= TELLING)
        spent.spend("refile", clock)
    return len(batch), spent.seconds


def _copy_posts(
    batch: Sequence[corpus.PostPlan],
    words: int,
    texts: list[Post],
    figures: list[Figure],
    levels: dict[int, int],
) -> None:
    planned = {
        "id": "plan.id",
        "title": "plan.title",
        "slug": "plan.slug",
        "summary": "plan.summary",
        "learning_level_id": "plan.level_id",
        "lead_figure_id": "plan.figure_id",
        "status": "'published'",
        "uid": "gen_random_uuid()",
        "body_text": "plan.prose",
        "published_at": "plan.published_at",
        "expires_at": "plan.expires_at",
        "created_at": "plan.published_at",
        "updated_at": "plan.published_at",
    }
    columns = [f.column for f in Post._meta.local_concrete_fields if f.column and not f.generated]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE plan")
        with cursor.copy("COPY plan FROM STDIN") as copy:
            for plan in batch:
                copy.write_row(
                    (ID_BASE + plan.number, texts[plan.body].pk, plan.title, plan.slug, plan.summary,
                     levels[plan.level], figures[plan.figure].pk, plan.published_at, plan.expires_at,
                     corpus.prose(plan.number, words))
                )  # fmt: skip
        cursor.execute(
            f"INSERT INTO blog_post ({', '.join(columns)}) "
            f"SELECT {', '.join(planned.get(column, f'text.{column}') for column in columns)} "
            "FROM plan JOIN blog_post AS text ON text.id = plan.text_id ORDER BY plan.id"
        )
        cursor.execute(
            "INSERT INTO blog_placement (post_id, figure_id, number) SELECT plan.id, placed.figure_id, placed.number "
            "FROM plan JOIN blog_placement AS placed ON placed.post_id = plan.text_id ORDER BY plan.id, placed.number"
        )


def _copy_relations(
    batch: Sequence[corpus.PostPlan], categories: list[Category], tags: list[Tag], authors: list[Author]
) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY blog_post_categories (post_id, category_id) FROM STDIN") as copy:
            for plan in batch:
                for n in plan.categories:
                    copy.write_row((ID_BASE + plan.number, categories[n].pk))
        with cursor.copy("COPY blog_posttag (content_object_id, tag_id) FROM STDIN") as copy:
            for plan in batch:
                for n in plan.tags:
                    copy.write_row((ID_BASE + plan.number, tags[n].pk))
        with cursor.copy("COPY blog_byline (post_id, author_id, position) FROM STDIN") as copy:
            for plan in batch:
                for position, n in enumerate(plan.authors):
                    copy.write_row((ID_BASE + plan.number, authors[n].pk, position))


def _finish(done: Loaded, begun: progress.Progress) -> None:
    clock = time.perf_counter()
    progress.put_back(begun)
    clock = done.spend("indexes", clock)
    listing.forget_expired(at=corpus.EXPIRY)
    listing.compact()
    clock = done.spend("compact", clock)
    sealing.seal(at=timezone.now())
    shrinking.shrink_unsealed()
    clock = done.spend("bits", clock)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('blog_post', 'id'), %s)", [ID_BASE + done.posts])
        cursor.execute("VACUUM (ANALYZE)")
    progress.end()
    done.spend("vacuum and analyze", clock)
