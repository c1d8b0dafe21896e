import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.models.search import Filter, Term, parse
from blog.models.search.grammar import MAX_CHARACTERS, MAX_FILTERS, MAX_TERMS

PARTS = st.sampled_from(
    ["level:", "level:300", "from:2026-01", "to:", "-", "or", "OR", "|", '"', "“", "a", "b", "-tag:", "tag:x", "S3", "c++", "日本", "\ud800", "\x00", ":", "(", "&", "!", "'", "\\", "<->", ":*"]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=400),
        st.lists(PARTS, max_size=80).map(" ".join),
        st.lists(PARTS, max_size=80).map("".join),
    )
)
def test_it_makes_a_query_of_any_text_and_reads_its_own_spelling_back(text):
    query = parse(text)
    again = parse(query.text)
    if len(query.text) <= MAX_CHARACTERS:
        assert (again.groups, again.excluded, again.filters) == (query.groups, query.excluded, query.filters)
    assert sum(len(group) for group in query.groups) + len(query.excluded) <= MAX_TERMS
    assert len(query.filters) <= MAX_FILTERS
    query.text.encode()
    query.url()


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  Event   Bus ", "Event Bus"),
        ('"event  bus" queue', '"event bus" queue'),
        ("“event bus”", '"event bus"'),
        ('"event bus', '"event bus"'),
        ("tag:s3 queue Level:300 -draft", "queue -draft level:300 tag:s3"),
        ("a or b c", "a or b c"),
        ("a OR b | c", "a or b or c"),
        ("or a or", "a"),
        ("a or or b", "a or b"),
        ('series:"on queues" -author:x', '-author:x series:"on queues"'),
        ('category:"storage"', "category:storage"),
        ("http://example.org/x", "http://example.org/x"),
        ("C++ -", "C++"),
        ('"" - " " ! &', ""),
        ("a a a", "a"),
        ("from:2026-01 level:400 level:300", "level:400 level:300 from:2026-01"),
    ],
)
def test_it_writes_a_query_in_one_way(text, canonical):
    assert parse(text).text == canonical


def test_it_tells_words_phrases_exclusions_and_operators_apart():
    query = parse('queue "event bus" or topic -old -"very old" -tag:x lang:de')
    assert query.groups == ((Term("queue"),), (Term("event bus", phrase=True), Term("topic")))
    assert query.excluded == (Term("old"), Term("very old", phrase=True))
    assert query.filters == (Filter("tag", "x", excluded=True), Filter("lang", "de"))


def test_it_keeps_an_operator_that_says_nothing_so_that_the_reader_can_be_told():
    assert parse("level: x").filters == (Filter("level", ""),)


def test_it_reads_the_beginning_of_a_text_that_is_too_long():
    query = parse("word " * 2_000)
    assert query.cut
    assert query.text == "word"
    assert not parse("word").cut
    assert parse(" ".join(f"w{n}" for n in range(40))).cut


def test_it_knows_an_empty_query():
    assert not parse(" \n ")
    assert not parse('"')
    assert parse("a")
    assert parse("level:300")


def test_it_leaves_filters_out_and_adds_them():
    query = parse("a level:300 tag:x")
    assert query.without(Filter("level", "300")).text == "a tag:x"
    assert query.narrowed(Filter("from", "2026")).text == "a level:300 tag:x from:2026"
    assert query.without_words.text == "level:300 tag:x"


def test_it_writes_addresses():
    query = parse('"a b" level:300')
    assert query.url() == "/search/?q=%22a+b%22+level%3A300"
    assert query.url(sort="newest", page=2) == "/search/?q=%22a+b%22+level%3A300&sort=newest&page=2"
    assert parse("").url() == "/search/"
