from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Post
from blog.publishing import trash
from tests import make

pytestmark = pytest.mark.django_db


def run(**options):
    out = StringIO()
    call_command("empty_trash", stdout=out, **options)
    return out.getvalue()


def test_it_deletes_what_is_old_enough_and_names_it():
    old, new = make.post("Old"), make.post("New")
    trash.put(old, at=timezone.now() - timedelta(days=31))
    trash.put(new, at=timezone.now() - timedelta(days=1))
    assert "1 post would be deleted" in run(dry_run=True) and Post.objects.count() == 2
    told = run()
    assert "Old" in told and "1 post deleted for good" in told
    assert list(Post.objects.all()) == [new]
    assert "1 post deleted" in run(days=0) and not Post.objects.exists()


@pytest.mark.parametrize("days", [-1, 10**9])
def test_it_refuses_odd_numbers(days):
    with pytest.raises(CommandError):
        run(days=days)
