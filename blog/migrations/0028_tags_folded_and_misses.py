"""Two tags never differ in the width or composition of their letters alone; a table of searches that found nothing.

Tags that do already are named, and the migration stops before it has changed anything: merging them is a decision of the
editors'. Older code lives with it: a tag that it would add beside such a twin is refused as one in another case is.
"""

from django.db import migrations, models
from django.db.models import F, Func
from django.db.models.functions import Lower

TWINS = """
    SELECT string_agg(name, ' = ' ORDER BY id) FROM blog_tag
    GROUP BY lower(normalize(name, NFKC)) HAVING count(*) > 1 ORDER BY min(id) LIMIT 10
"""


def find_twins(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TWINS)
        twins = [names for (names,) in cursor.fetchall()]
    if twins:
        raise RuntimeError(
            "These tags differ only in how their letters are encoded: "
            + "; ".join(twins)
            + ". Rename or delete one of each in the admin of the version before, then migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [("blog", "0027_trash_index")]

    operations = [
        migrations.RunPython(find_twins, migrations.RunPython.noop),
        migrations.AddConstraint(
            "tag",
            models.UniqueConstraint(
                Lower(Func(F("name"), function="normalize", template="normalize(%(expressions)s, NFKC)")),
                name="tag_name_unique_in_any_width",
                violation_error_message="This tag exists already.",
            ),
        ),
        migrations.CreateModel(
            name="MissedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    models.CharField(help_text="In lower case, single blanks between them.", max_length=80),
                ),
                ("day", models.DateField()),
                ("times", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "missed searches",
                "ordering": ["-day", "-times", "words"],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "words"), name="missedsearch_once_a_day")
                ],
            },
        ),
    ]
