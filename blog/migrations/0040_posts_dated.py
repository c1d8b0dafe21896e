"""An index of posts by their date, whatever their state: what an editor's list of a year or a month is read from.

Without it all later posts were read and thrown away: 200 ms of a list of 2020 among a million. It is built beside the
traffic. Old code lives with it. Stopped halfway, it leaves an index that is marked invalid: drop it (`DROP INDEX post_dated`)
and migrate again.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0039_showings_first")]

    operations = [
        AddIndexConcurrently(
            "post",
            models.Index(fields=["-published_at", "-id"], name="post_dated"),
        ),
    ]
