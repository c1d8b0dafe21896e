import gzip

import brotli
import pytest

from blog.pages.cache.copies import Copy, labelled, may_be_kept
from blog.pages.cache.keys import BROTLI, GZIP, IDENTITY

TEXT = b"<p>A page with some words that come again, and again, and again.</p>" * 40
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Accept"), ("X-Frame-Options", "DENY")]


def copy(body=TEXT, *more):
    return Copy(body, [*HEADERS, *more], made_at=0)


def test_each_coding_has_its_bytes_its_length_and_a_strong_tag_of_its_own():
    one = copy()
    coded = {coding: one.coded(coding) for coding in (IDENTITY, GZIP, BROTLI)}
    assert coded[IDENTITY].body == [TEXT]
    assert gzip.decompress(coded[GZIP].body[0]) == TEXT
    assert brotli.decompress(coded[BROTLI].body[0]) == TEXT
    tags = [each.tag for each in coded.values()]
    assert len(set(tags)) == 3 and all(tag.startswith('"') for tag in tags)
    for coding, name in ((IDENTITY, None), (GZIP, "gzip"), (BROTLI, "br")):
        headers = dict(coded[coding].headers)
        assert headers.get("Content-Encoding") == name
        assert headers["Content-Length"] == str(len(coded[coding].body[0]))
        assert headers["ETag"] == coded[coding].tag
        assert headers["Vary"] == "Accept" and headers["X-Frame-Options"] == "DENY"


def test_a_coding_is_made_once():
    one = copy()
    assert one.coded(BROTLI) is one.coded(BROTLI)


def test_the_same_page_made_again_has_the_same_tag_and_another_page_has_not():
    assert copy().coded(GZIP).tag == copy().coded(GZIP).tag
    assert copy().coded(GZIP).tag != copy(TEXT + b".").coded(GZIP).tag


def test_a_short_body_is_not_compressed():
    one = copy(b"ok")
    assert one.coded(BROTLI) is one.coded(IDENTITY)


def test_not_modified_repeats_what_a_client_takes_over_and_nothing_of_a_body():
    one = copy(
        TEXT, ("Cache-Control", "public, max-age=0"), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
    )
    headers = dict(one.coded(GZIP).unchanged)
    assert headers["ETag"] == one.coded(GZIP).tag and headers["Cache-Control"] == "public, max-age=0"
    assert headers["Vary"] == "Accept" and "Last-Modified" in headers
    assert not {"Content-Length", "Content-Encoding", "Content-Type"} & set(headers)


def test_the_validators_of_a_view_give_way_to_ours():
    headers = copy(TEXT, ("ETag", '"views"'), ("Content-Length", "7")).coded(IDENTITY).headers
    assert [value for name, value in headers if name == "ETag"] == [copy().coded(IDENTITY).tag]
    assert [value for name, value in headers if name == "Content-Length"] == [str(len(TEXT))]


def test_labels_replace_labels():
    headers = labelled(copy().coded(IDENTITY).headers, "hit; ttl=-9", ("Age", "9"))
    assert [value for name, value in headers if name == "Cache-Status"] == ["Stratum; hit; ttl=-9"]
    assert [value for name, value in headers if name == "Age"] == ["9"]


@pytest.mark.parametrize(
    ("status", "header"),
    [
        ("404 Not Found", ("X-Any", "thing")),
        ("301 Moved Permanently", ("Location", "/")),
        ("500 Internal Server Error", ("X-Any", "thing")),
        ("206 Partial Content", ("X-Any", "thing")),
        ("200 OK", ("Set-Cookie", "csrftoken=x")),
        ("200 OK", ("set-cookie", "sessionid=x")),
        ("200 OK", ("Cache-Control", "private, no-cache")),
        ("200 OK", ("Cache-Control", "no-store")),
        ("200 OK", ("Vary", "*")),
        ("200 OK", ("Content-Encoding", "gzip")),
    ],
)
def test_what_is_not_for_everybody_may_not_be_kept(status, header):
    assert may_be_kept("200 OK", HEADERS)
    assert not may_be_kept(status, [*HEADERS, header])


def test_a_cdn_is_not_told_to_keep_a_copy_that_is_perhaps_untrue():
    headers = copy(TEXT, ("Surrogate-Control", "max-age=86400")).coded(IDENTITY).headers
    assert "Surrogate-Control" in dict(labelled(headers, "hit"))
    assert "Surrogate-Control" not in dict(labelled(headers, "hit", ("Warning", "110 -")))
