"""How PostgreSQL reads listings: the plans of the site's own queries, over three thousand posts."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import (
    Category,
    Cursor,
    LearningLevel,
    Selection,
    Tag,
    Tally,
    levels_with_counts,
    read_page,
    read_selection,
)
from blog.models.coverage import read_coverage
from blog.models.listing import page_rows
from blog.publishing import listing
from tests import make

pytestmark = pytest.mark.django_db
SIZE = 10
MANY, FEW = 3_000, 300
AT = make.LONG_AGO + timedelta(days=1)

# An hour apart, the newest last; levels as they are found, one in a hundred expired, ten scheduled.
POSTS = """
    INSERT INTO blog_post (title, slug, language, summary, body, learning_level_id, status, published_at, expires_at,
        canonical_url, extra, version, created_at, updated_at, markup_version, body_html, body_text, code_text,
        figures_text, outline, facts, word_count, reading_minutes)
    SELECT 'Post ' || n, 'post-' || n, 'en', 'A summary.', '',
        (SELECT id FROM blog_learninglevel WHERE number = (ARRAY[100, 200, 200, 200, 300, 300, 300, 300, 300, 400])[1 + n * 7 %% 10]),
        'published',
        CASE WHEN n > %(count)s - 10 THEN %(at)s + interval '1 day' * n ELSE %(at)s - interval '1 hour' * (%(count)s - n) END,
        CASE WHEN n %% 100 = 7 AND n <= %(count)s - 10 THEN %(at)s - interval '1 minute' END,
        '', '{}', 0, now(), now(), 1, '', '', '', '', '[]', '{}', 0, 0
    FROM generate_series(1, %(count)s) AS n RETURNING id
"""
# Every second post is in one category, tag and author each, the others in others: nobody's listing is the whole site.
RELATIONS = (
    "INSERT INTO blog_post_categories (post_id, category_id) SELECT id, %s FROM blog_post WHERE id %% 2 = %s",
    "INSERT INTO blog_posttag (content_object_id, tag_id) SELECT id, %s FROM blog_post WHERE id %% 2 = %s",
    "INSERT INTO blog_byline (post_id, author_id, position) SELECT id, %s, 0 FROM blog_post WHERE id %% 2 = %s",
)


def fill(count):
    """A site of `count` posts, with statistics as autovacuum would have gathered them; returns its scopes."""
    made = {
        "category": [make.category("storage/blocks"), make.category("networking")],
        "tag": [Tag.objects.get_or_create(name=name, slug=name)[0] for name in ("queues", "caches")],
        "author": [make.author("Ada Ferrant"), make.author("Bo Lind")],
    }
    with connection.cursor() as cursor:
        cursor.execute(POSTS, {"count": count, "at": AT})
        ids = [pk for (pk,) in cursor.fetchall()]
        for statement, pair in zip(RELATIONS, made.values(), strict=True):
            for rest, one in enumerate(pair):
                cursor.execute(statement, [one.pk, rest])
        listing.refile(ids)
        listing.compact()
        cursor.execute("ANALYZE")
    return {name: pair[0] for name, pair in made.items()} | {
        "ancestor": Category.objects.get(path="storage"),
        "site": None,
    }


@pytest.fixture(scope="module")
def scopes(module_rows):
    """The large site."""
    return fill(MANY)


def plan(sql):
    """Every node of the plan by which the statement has just been executed, outermost first."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    return flat(json.loads(found) if isinstance(found, str) else found)


def flat(explained):
    """The nodes of what EXPLAIN has said, outermost first."""
    nodes, waiting = [], [explained[0]["Plan"]]
    while waiting:
        node = waiting.pop(0)
        nodes.append(node)
        waiting = [*node.get("Plans", []), *waiting]
    return nodes


def plan_of_page(scope, level=None, **place):
    """The plan of the query that `read_page` really sends for the page's rows."""
    with CaptureQueriesContext(connection) as sent:
        read_page(scope, at=AT, size=SIZE, level=level, **place)
    return plan(sent[0]["sql"])


def deepest(scope, level=None):
    """The cursor before the last full page."""
    rows = page_rows(scope, at=AT, level=level)
    skipped = (rows.count() // SIZE - 1) * SIZE
    assert skipped >= 20 * SIZE, "too few posts to tell a range scan from a walk"
    row = rows[skipped - 1]
    return Cursor(row.published_at, row.post_id)


def middle(scope, level=None):
    rows = page_rows(scope, at=AT, level=level)
    row = rows[rows.count() // 2]
    return Cursor(row.published_at, row.post_id)


def sorts(nodes):
    """Where the listing is sorted; the few categories and authors of each post on a page may be."""
    found = [node for node in nodes if "Sort" in node["Node Type"]]
    return [node for node in found if node["Parent Relationship"] != "SubPlan"]


def rows_read(nodes):
    """Rows that scans have touched, also those they threw away."""
    return sum(
        (
            node["Actual Rows"]
            + node.get("Rows Removed by Filter", 0)
            + node.get("Rows Removed by Index Recheck", 0)
        )
        * node["Actual Loops"]
        for node in nodes
        if "Relation Name" in node and node["Actual Loops"]
    )


def blocks_read(nodes):
    """8 kB blocks that the whole statement has asked for; the outermost node adds up all below it."""
    return nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"]


def of_listing(nodes):
    return [node for node in nodes if node.get("Relation Name") == "blog_listing"]


ALL_LEVELS = [
    ("category", "listing_category"),
    ("ancestor", "listing_category"),
    ("tag", "listing_tag"),
    ("author", "listing_author"),
    ("site", "listing_site"),
]
ONE_LEVEL = [(name, f"{index}_level") for name, index in ALL_LEVELS]
EVERY_PAGE = [(*one, None) for one in ALL_LEVELS] + [(*one, 300) for one in ONE_LEVEL]


def test_it_reads_a_deep_page_as_one_range_of_one_index(scopes):
    """One test for all listings: to build the site takes longer than to plan a page."""
    for name, index, number in EVERY_PAGE:
        scope, level = scopes[name], LearningLevel.objects.filter(number=number).first()
        for place in ({"before": deepest(scope, level)}, {"after": middle(scope, level)}):
            nodes = plan_of_page(scope, level, **place)
            (scan,) = of_listing(nodes)
            about = (name, number, place, scan)
            assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}, about
            assert scan["Index Name"] == index, about
            assert "ROW(" in scan["Index Cond"], about
            assert ("level_id" in scan["Index Cond"]) == bool(level), about
            assert not sorts(nodes), about


def test_it_reads_a_year_of_a_listing_as_a_range_of_the_same_index(scopes):
    for name, index in ALL_LEVELS:
        scope = scopes[name]
        facet = {} if scope is None else {"category" if name == "ancestor" else name: scope}
        with CaptureQueriesContext(connection) as sent:
            read_selection(Selection(**facet, year=2025), at=AT, size=SIZE)
        (scan,) = of_listing(plan(sent[0]["sql"]))
        assert scan["Index Name"] == index, (name, scan)
        assert scan["Actual Rows"] <= SIZE + 1 and scan["Index Cond"].count("published_at") >= 2, (name, scan)


def test_it_reads_no_more_for_the_deepest_page_than_for_the_first(scopes):
    for name, _ in ALL_LEVELS:
        for number in (None, 300):
            scope, level = scopes[name], LearningLevel.objects.filter(number=number).first()
            first, last = plan_of_page(scope, level), plan_of_page(scope, level, before=deepest(scope, level))
            about = (name, number, blocks_read(first), blocks_read(last), rows_read(first), rows_read(last))
            assert blocks_read(last) <= 1.2 * blocks_read(first) + 12, about
            assert rows_read(last) <= 1.2 * rows_read(first) + 12, about
            assert rows_read(first) < 100, about


def test_it_reads_no_more_for_a_level_that_went_out_of_use_long_ago(scopes):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE blog_listing SET level_id = (SELECT id FROM blog_learninglevel WHERE number = 300) "
            "WHERE level_id = (SELECT id FROM blog_learninglevel WHERE number = 200) AND published_at > %s",
            [AT - timedelta(hours=MANY // 2)],
        )
        cursor.execute("ANALYZE blog_listing")
    for name, _ in ALL_LEVELS:
        nodes = plan_of_page(scopes[name], LearningLevel.objects.get(number=200))
        assert rows_read(nodes) < 100, (name, of_listing(nodes))


def rows_read_for_counts(scope):
    with CaptureQueriesContext(connection) as sent:
        found = list(levels_with_counts(scope, at=AT))
    return rows_read(plan(sent[0]["sql"])), sum(level.posts_count for level in found)


def test_it_counts_what_has_ended_from_one_index_when_planned_for_any_instant(scopes):
    """As on a reader's connection, where the query is prepared."""
    used = set()
    for name, _ in ALL_LEVELS:
        with CaptureQueriesContext(connection) as sent:
            levels_with_counts(scopes[name], at=AT)
        generic = re.sub(r"'[^']+'::timestamptz", "$1", sent[0]["sql"])
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            cursor.execute(f"PREPARE counting (timestamptz) AS {generic}")
            nodes = plan(f"EXECUTE counting ('{AT.isoformat()}')")
            cursor.execute("DEALLOCATE counting")
        assert "BitmapAnd" not in {node["Node Type"] for node in nodes}, name
        used |= {node["Index Name"] for node in nodes if "Index Name" in node}
    assert "listing_ended" in used


def test_it_counts_levels_with_as_few_rows_whatever_the_number_of_posts(scopes):
    """The posts that have ended are forgotten, as the worker does; ten are scheduled in both sites."""

    def counted(scopes):
        listing.forget_expired(at=AT)
        listing.compact(most=0)
        return {name: rows_read_for_counts(scopes[name]) for name, _ in ALL_LEVELS}

    many = counted(scopes)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE blog_post, blog_tally CASCADE")
    few = counted(fill(FEW))
    for name, _ in ALL_LEVELS:
        (few_rows, few_posts), (many_rows, many_posts) = few[name], many[name]
        assert many_posts > 9 * few_posts
        assert many_rows <= 1.2 * few_rows + 12, name
        assert many_rows < 150


def test_it_adds_up_in_a_straight_line_what_postgresql_has_never_counted():
    """A load leaves a hundred thousand differences in a table that was empty when its statistics were gathered."""
    make.post(tags=["queues"])
    rows = 30_000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE blog_tally")
        cursor.execute(
            "INSERT INTO blog_tally (tag_id, level_id, posts) SELECT (SELECT min(id) FROM blog_tag), "
            "(SELECT min(id) FROM blog_learninglevel), 1 FROM generate_series(1, %s)",
            [rows],
        )
    nodes = plan(listing.COMPACT % {"most": 8})
    assert Tally.objects.filter(posts=rows).exists()
    assert not [
        node["Node Type"] for node in nodes if "Loop" in node["Node Type"] or "Join" in node["Node Type"]
    ]
    # Rows are compared with a list of them wherever they are not fetched by their place.
    assert [node["Node Type"] for node in nodes].count("Tid Scan") == 2


def test_the_matrix_of_levels_reads_what_is_not_live_alone(scopes):
    with CaptureQueriesContext(connection) as sent:
        rows = read_coverage(list(LearningLevel.objects.all()), at=AT)
    assert sum(row.posts for row in rows) > MANY * 0.9
    nodes = plan(sent[-1]["sql"])
    assert rows_read(nodes) < MANY / 5, [
        (n.get("Node Type"), n.get("Index Name"), n["Actual Rows"], n["Actual Loops"]) for n in nodes
    ]
