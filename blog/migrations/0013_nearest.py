"""Indexes by which a misspelt address finds what was meant, and a sitemap the newest change of each of its parts.

Built beside the traffic; old code never notices them. A run that was stopped leaves an unusable index behind, which the
next one replaces.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Greatest

NAMES = (
    ("author", "slug", "name"),
    ("category", "path", "name"),
    ("post", "slug", "title"),
    ("tag", "slug", "name"),
)
INDEXES = (*(f"{model}_resembling" for model, *_ in NAMES), "post_parts")


def resembling(model: str, slug: str, title: str) -> AddIndexConcurrently:
    words = Concat(F(slug), Value(" "), F(title), output_field=models.TextField())
    return AddIndexConcurrently(
        model, GinIndex(OpClass(words, name="gin_trgm_ops"), name=f"{model}_resembling")
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0012_search")]

    operations = [
        # A trusted extension: the owner of the database may create it. It stays when this is reversed, for others may use it.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        migrations.RunSQL(
            [f"DROP INDEX CONCURRENTLY IF EXISTS {name}" for name in INDEXES], migrations.RunSQL.noop
        ),
        *(resembling(*names) for names in NAMES),
        AddIndexConcurrently(
            "post",
            models.Index(
                models.ExpressionWrapper((F("id") - 1) / 1000, output_field=models.BigIntegerField()),
                Greatest("published_at", "changed_at").desc(),
                name="post_parts",
                condition=Q(status="published", canonical_url=""),
            ),
        ),
    ]
