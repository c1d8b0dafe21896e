from datetime import UTC, datetime, timedelta

import pytest

from blog.admin.state import describe, moment
from tests import make

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_an_instant_is_told_to_the_minute():
    assert moment(NOON + timedelta(seconds=30)) == "1 Mar 2027, 12:00 UTC"


@pytest.mark.parametrize(("seconds", "told"), [(0, "12:00 UTC"), (30, "12:00:30 UTC")])
@pytest.mark.django_db
def test_a_schedule_is_told_to_the_second_that_it_keeps(seconds, told):
    post = make.post(at=NOON + timedelta(seconds=seconds))
    assert describe(post, NOON - timedelta(days=1)) == f"Scheduled for 1 Mar 2027, {told}"
