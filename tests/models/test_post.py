from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog import markup
from blog.models import Post
from tests import make

pytestmark = pytest.mark.django_db


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from(["draft", "review", "published", "withdrawn"]),
    from_seconds=st.none() | st.integers(-3, 3),
    to_seconds=st.none() | st.integers(-3, 3),
)
def test_it_says_live_of_a_row_when_the_query_does(transactional_row, now, status, from_seconds, to_seconds):
    post = transactional_row
    post.status = status
    post.published_at = None if from_seconds is None else now + timedelta(seconds=from_seconds)
    post.expires_at = None if to_seconds is None else now + timedelta(seconds=to_seconds)
    if status == "published" and post.published_at is None:
        return
    if post.published_at and post.expires_at and post.expires_at <= post.published_at:
        return
    Post.objects.filter(pk=post.pk).update(
        status=post.status, published_at=post.published_at, expires_at=post.expires_at
    )
    assert post.is_live(now) == Post.objects.live(now).filter(pk=post.pk).exists()


@pytest.fixture
def transactional_row(db):
    return make.post()


def test_it_is_live_from_its_second_on_and_not_before(now):
    post = make.post(at=now)
    assert not post.is_live(now - timedelta(microseconds=1))
    assert post.is_live(now)


def test_it_is_gone_from_the_second_it_expires(now):
    post = make.post(expires_at=now)
    assert post.is_live(now - timedelta(microseconds=1))
    assert not post.is_live(now)


def test_it_fills_what_is_derived_from_the_body():
    post = make.post(body="## Why\n\nTwo words.\n\n```python\nx = 1\n```\n")
    post.refresh_from_db()
    assert post.outline == [{"level": 2, "id": "s-why", "title": "Why"}]
    assert "Two words." in post.body_text
    assert "x = 1" in post.code_text
    assert post.word_count >= 3
    assert post.reading_minutes == 1
    assert post.markup_version == markup.VERSION


def test_it_renders_again_only_when_the_body_has_changed(monkeypatch):
    post = Post.objects.get(pk=make.post().pk)
    assert post.render() is False
    post.title = "Another"
    assert post.render() is False
    post.body += "\nMore."
    assert post.render() is True
    assert "More." in post.body_html


def test_it_renders_again_when_the_dialect_has_a_new_version():
    post = make.post()
    Post.objects.filter(pk=post.pk).update(markup_version=markup.VERSION - 1, body_html="stale")
    post = Post.objects.get(pk=post.pk)
    post.save()
    post.refresh_from_db()
    assert post.body_html != "stale"


def test_it_writes_the_derived_columns_even_when_only_the_body_is_named():
    post = Post.objects.get(pk=make.post().pk)
    post.body = "Only this."
    post.save(update_fields=["body"])
    post.refresh_from_db()
    assert "Only this." in post.body_html


def test_it_finds_words_by_stem_and_without_accents():
    make.post(title="Señales in queues", slug="senales")
    found = Post.objects.extra(
        where=["search @@ websearch_to_tsquery('stratum', %s)"], params=["senales queue"]
    )
    assert [post.slug for post in found] == ["senales"]


def test_it_keeps_a_text_of_many_strange_words_within_the_search_columns_bounds():
    words = " ".join(chr(0x20000 + n) + chr(0x20000 + n // 7) for n in range(40_000))
    post = make.post(body=words)
    assert Post.objects.filter(pk=post.pk).exists()


def test_it_has_no_address_while_a_form_has_taken_its_slug():
    """Such a form is shown again with its errors; what leads to the post is not to break it."""
    post = make.post()
    assert post.get_absolute_url() == f"/posts/{post.slug}/"
    post.slug = ""
    assert post.get_absolute_url() == ""
