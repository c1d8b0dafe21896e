"""The audit log, and what can be undone.

Two new tables. Older code lives with them: it writes to neither, so what it does is not logged and can't be undone. A trigger keeps
the log's lines as they were written: nothing changes them but the loss of an account, and nothing deletes them but the
retention of `manage.py audit`, which says so in its transaction.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION blog_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('stratum.retention', true) = 'on' THEN
        RETURN OLD;
    END IF;
    -- The account is gone; its name stays in the line.
    IF TG_OP = 'UPDATE' AND NEW.who_id IS NULL
            AND (NEW.id, NEW.at, NEW.who_name, NEW.verb, NEW.kind, NEW.thing, NEW.title, NEW.details)
            IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.who_name, OLD.verb, OLD.kind, OLD.thing, OLD.title, OLD.details) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a line of the audit log stays as it was written'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'event_stays', TABLE = 'blog_event';
END $$;

CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON blog_event
    FOR EACH ROW EXECUTE FUNCTION blog_event_stays();
"""


def user(**more):
    return models.ForeignKey(
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        **more,
    )


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0019_checks_and_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", key()),
                ("at", models.DateTimeField()),
                (
                    "who_name",
                    models.CharField(
                        blank=True, help_text="Empty where nobody was logged in.", max_length=150
                    ),
                ),
                ("verb", models.CharField(help_text="Such as post.published.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        blank=True, help_text="What it was done to, such as post.", max_length=60
                    ),
                ),
                ("thing", models.BigIntegerField(help_text="Its key.", null=True)),
                ("title", models.CharField(blank=True, max_length=250)),
                ("details", models.JSONField(default=dict)),
                ("who", user()),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="event_newest"),
                    models.Index(fields=["verb", "-at", "-id"], name="event_verb"),
                    models.Index(fields=["who", "-at", "-id"], name="event_who"),
                    models.Index(fields=["kind", "thing", "-at", "-id"], name="event_thing"),
                ],
            },
        ),
        migrations.RunSQL(GUARD, "DROP TRIGGER event_stays ON blog_event; DROP FUNCTION blog_event_stays()"),
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", key()),
                ("verb", models.CharField(max_length=60)),
                (
                    "sentence",
                    models.CharField(help_text="What was done, as editors read it.", max_length=300),
                ),
                ("made_at", models.DateTimeField()),
                ("inverse", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("who", user()),
                ("undone_by", user()),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "indexes": [
                    models.Index(fields=["-made_at", "-id"], name="operation_newest"),
                    models.Index(fields=["who", "-made_at", "-id"], name="operation_who"),
                ],
            },
        ),
    ]
