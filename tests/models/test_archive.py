from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from blog.models import Post, Selection
from blog.models.archive import around, read_archive, read_year
from blog.publishing import listing, sealing
from tests import make
from tests.models.dice import dice_site
from tests.models.test_listing_plan import plan

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_it_counts_each_month_exactly_in_the_time_zone_of_the_site(now, zone, django_assert_num_queries):
    dice_site(now, count=150)
    with timezone.override(zone):
        live = [timezone.localtime(post.published_at) for post in Post.objects.live(now)]
        expected = Counter((one.year, one.month) for one in live)
        with django_assert_num_queries(2):
            years = read_archive(at=now)
        found = {
            (one.date.year, one.date.month): one.posts for year in years for one in year.months if one.posts
        }
        assert found == expected
        assert [year.selection.year for year in years] == sorted({one.year for one in live}, reverse=True)
        with django_assert_num_queries(1):
            months, _, _ = read_year(now.year, at=now)
        assert [one.posts for one in months] == [expected[now.year, month] for month in range(1, 13)]


def test_it_leads_to_the_nearest_years_and_months_that_have_posts(now):
    for at in ("2019-05-01", "2021-02-01", "2021-06-30", "2025-12-31"):
        make.post(at=datetime.fromisoformat(at).replace(tzinfo=UTC))
    make.post(at=datetime(2022, 1, 1, tzinfo=UTC), expires_at=now - timedelta(days=1))
    make.post(at=now + timedelta(days=400))
    _, older, newer = read_year(2021, at=now)
    assert (older, newer) == (Selection(year=2019), Selection(year=2025))
    assert read_year(2019, at=now)[1] is None
    assert read_year(2025, at=now)[2] is None
    assert around(Selection(year=2021, month=6), at=now) == (
        Selection(year=2021, month=2),
        Selection(year=2025, month=12),
    )
    assert around(Selection(year=2025, month=12), at=now) == (Selection(year=2021, month=6), None)


def test_it_has_no_years_before_there_are_posts(now):
    make.post(at=now + timedelta(days=1))
    assert read_archive(at=now) == []


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_it_counts_by_bits_what_it_counts_post_by_post(
    now, zone, settings, monkeypatch, django_assert_num_queries
):
    """With posts that were written, came, ended and went since the bits were set."""
    settings.TIME_ZONE = zone
    monkeypatch.setattr(sealing, "FEWEST", 1)
    dice_site(now, count=150)
    sealing.seal(at=now - timedelta(days=30))
    gone = list(Post.objects.live(now).order_by("?")[:9])
    Post.objects.filter(pk__in=[post.pk for post in gone[:5]]).update(published_at=now - timedelta(days=70))
    Post.objects.filter(pk__in=[post.pk for post in gone[5:]]).update(status=Post.Status.DRAFT)
    listing.refile([post.pk for post in gone])
    for at in (now, now + timedelta(days=1), now + timedelta(days=30)):
        live = [timezone.localtime(post.published_at) for post in Post.objects.live(at)]
        with django_assert_num_queries(1):
            years = read_archive(at=at)
        found = {(one.date.year, one.date.month): one.posts for year in years for one in year.months}
        assert {month: n for month, n in found.items() if n} == Counter((one.year, one.month) for one in live)
        year = timezone.localtime(at).year
        with django_assert_num_queries(1) as sent:
            months, _, _ = read_year(year, at=at)
        assert [one.posts for one in months] == [found.get((year, month), 0) for month in range(1, 13)]
        (counted,) = [node for node in plan(sent[0]["sql"]) if node.get("Subplan Name") == "CTE ended"] or [
            None
        ]
        assert counted is None or counted["Actual Loops"] == 0, "counted one by one"
    with timezone.override("Asia/Tokyo"), django_assert_num_queries(2):
        read_archive(at=now)
