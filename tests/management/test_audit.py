import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Event
from blog.publishing import audit

pytestmark = pytest.mark.django_db


def run(**options):
    out = StringIO()
    call_command("audit", stdout=out, **options)
    return out.getvalue()


def test_it_writes_a_period_as_json_lines_and_as_a_table(now):
    for days in (0, 1, 2):
        audit.record("post.saved", None, by=None, at=now + timedelta(days=days), day=days)
    told = [
        json.loads(line)["details"]["day"]
        for line in run(since="2026-03-02", until="2026-03-03T12:00Z").splitlines()
    ]
    assert told == [1]
    head, *rows = run(since="2026-03-02", format="csv").splitlines()
    assert head == "at,who,verb,kind,thing,title,details" and len(rows) == 2


@pytest.mark.parametrize("since", ["x", "2026-13-01", "0001-01-01T00:00+23:59", "\x00"])
def test_it_says_what_a_date_is(since):
    with pytest.raises(CommandError, match="no date"):
        run(since=since)


def test_it_forgets_what_is_older_than_it_is_told():
    at = timezone.now()
    for days in (10, 400):
        audit.record("x", None, by=None, at=at - timedelta(days=days))
    assert "1 lines forgotten" in run(forget_before_days=365)
    assert Event.objects.count() == 1
    with pytest.raises(CommandError):
        run(forget_before_days=0)
