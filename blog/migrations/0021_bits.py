"""Bits by which a search counts; a trigger tells which posts they no longer tell the truth of. All is new and empty.

Old code lives with it: what it writes makes the trigger's rows like any other, and it reads nothing of this. The bits are
set by the worker when posts are next tidied up, or by `manage.py refile`; until then counting is as slow as before.
"""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

import blog.models.bits

UNSEAL = """
CREATE FUNCTION blog_entry_unseal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO blog_unsealed (post_id) SELECT post_id FROM removed;
    ELSE
        INSERT INTO blog_unsealed (post_id) SELECT post_id FROM added;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_unseal_insert AFTER INSERT ON blog_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blog_entry_unseal();
CREATE TRIGGER entry_unseal_update AFTER UPDATE ON blog_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blog_entry_unseal();
CREATE TRIGGER entry_unseal_delete AFTER DELETE ON blog_entry
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION blog_entry_unseal();
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0020_audit")]

    operations = [
        migrations.CreateModel(
            name="Bits",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey("kind", "value", "block", primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(db_collation="C", max_length=8)),
                ("value", models.TextField(db_collation="C")),
                ("block", models.IntegerField()),
                ("bits", blog.models.bits.BitField()),
            ],
            options={
                "verbose_name_plural": "bits",
                "indexes": [models.Index(fields=["block"], name="bits_block")],
            },
        ),
        migrations.CreateModel(
            name="Common",
            fields=[
                ("pk", models.CompositePrimaryKey("kind", "value", primary_key=True, serialize=False)),
                ("kind", models.CharField(db_collation="C", max_length=8)),
                ("value", models.TextField(db_collation="C")),
            ],
            options={"verbose_name_plural": "common"},
        ),
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("post_id", models.BigIntegerField()),
            ],
            options={"verbose_name_plural": "unsealed"},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed_at", models.DateTimeField()),
                ("zone", models.TextField()),
                ("posts", models.IntegerField()),
            ],
        ),
        migrations.RunSQL(
            UNSEAL,
            """
            DROP TRIGGER entry_unseal_insert ON blog_entry;
            DROP TRIGGER entry_unseal_update ON blog_entry;
            DROP TRIGGER entry_unseal_delete ON blog_entry;
            DROP FUNCTION blog_entry_unseal();
            """,
        ),
        AddIndexConcurrently(
            "entry",
            models.Index(fields=["expires_at"], name="entry_expires", condition=Q(expires_at__isnull=False)),
        ),
    ]
