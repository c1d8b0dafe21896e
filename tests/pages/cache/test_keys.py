import pytest

from blog.pages.cache.keys import (
    BROTLI,
    GZIP,
    HTML,
    IDENTITY,
    MARKDOWN,
    Memo,
    Unreadable,
    coding_of,
    form_of,
    is_question,
    path_of,
    query_of,
)
from blog.pages.cache.policies import POLICIES

LISTING, SEARCH, POST = POLICIES["category"], POLICIES["search"], POLICIES["post"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", ""),
        ("utm_source=x&fbclid=y", ""),
        ("level=300&utm_source=x", "level=300"),
        ("level=%33%30%30", "level=300"),
        ("tag=a+b&level=300", "tag=a+b&level=300"),
        ("tag=caf%C3%A9", "tag=caf%C3%A9"),
        ("tag=a%26level%3D1", "tag=a%26level%3D1"),
        ("level=", "level="),
        ("narrow", "narrow"),
        ("&&=&level=300&", "level=300"),
        ("before[]=1&level[$gt]=", ""),
    ],
)
def test_it_keeps_of_a_listings_query_what_the_page_reads(text, key):
    assert query_of(text, LISTING) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("page=2&q=bus", "q=bus&page=2"),
        ("q=bus&sort=", "q=bus"),
        ("q=&page=", ""),
        ("q=one&q=bus", "q=bus"),
        ("x=1&q=a%20b", "q=a+b"),
    ],
)
def test_it_reads_a_forms_query_in_any_order_and_without_what_is_empty(text, key):
    assert query_of(text, SEARCH) == key


def test_a_page_without_parameters_has_one_key():
    assert {query_of(f"v={n}&level={n}", POST) for n in range(50)} == {""}


@pytest.mark.parametrize("text", ["level=%00", "level=%ff", "%C3=1", "q=" + "x" * 1_000])
def test_it_leaves_what_is_no_text_to_the_page(text):
    with pytest.raises(Unreadable):
        query_of(text, LISTING)


@pytest.mark.parametrize(
    ("query", "asks"),
    [("", False), ("level=300", False), ("level=300&tag=x", True), ("before=1-1", True), ("q=bus", True)],
)
def test_it_tells_questions_from_pages(query, asks):
    assert is_question(query) is asks


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, IDENTITY),
        ("", IDENTITY),
        ("gzip, deflate, br, zstd", BROTLI),
        ("gzip, deflate", GZIP),
        ("GZIP", GZIP),
        ("br;q=0, gzip", GZIP),
        ("br;q=0.5, gzip;q=0.9", GZIP),
        ("gzip;q=0.5, identity;q=1", IDENTITY),
        ("*", BROTLI),
        ("*;q=0", IDENTITY),
        ("br;q=nonsense", IDENTITY),
        ("identity", IDENTITY),
    ],
)
def test_it_takes_the_best_coding_that_is_allowed(header, coding):
    assert coding_of(header) == coding


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, HTML),
        ("*/*", HTML),
        ("text/html,application/xhtml+xml,*/*;q=0.8", HTML),
        ("text/markdown", MARKDOWN),
        ("text/markdown, text/html;q=0.9", MARKDOWN),
        ("image/png", HTML),
    ],
)
def test_it_gives_markdown_to_those_who_prefer_it(header, form):
    assert form_of(header) == form


def test_a_memo_is_not_filled_by_strangers():
    memo = Memo(coding_of)
    for number in range(1, 2_000):
        assert memo[f"br;q=0.{number}"] == BROTLI
    assert memo["gzip" + " " * 1_000] == GZIP
    assert len(memo) == memo.most


def test_it_reads_paths_as_wsgi_hands_them_over():
    assert path_of("/tag/caf\xc3\xa9/") == "/tag/café/"
    assert path_of("/tag/\xff/") is None
