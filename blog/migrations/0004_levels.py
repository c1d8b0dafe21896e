"""The four learning levels. Editors may change their words; reversing removes only those that no post uses.

Rows only: older code shows them as it shows any level.
"""

from django.db import migrations

LEVELS = [
    (100, "Foundational", "foundational-100",
     "For readers who are new to a subject. Explains what it is for and the words it uses; takes no experience for granted."),
    (200, "Intermediate", "intermediate-200",
     "For readers who know the basics and want to put them to work. Shows how the parts fit and what to watch for."),
    (300, "Advanced", "advanced-300",
     "For readers who run such systems. Goes into design decisions, failure modes and numbers, and weighs alternatives."),
    (400, "Expert", "expert-400",
     "For readers who know the subject in depth. Takes mechanisms apart down to the details that decide at the limits."),
]  # fmt: skip


def add_levels(apps, schema_editor):
    level = apps.get_model("blog", "LearningLevel")
    for number, name, slug, description in LEVELS:
        level.objects.get_or_create(
            number=number, defaults={"name": name, "slug": slug, "description": description}
        )


def remove_levels(apps, schema_editor):
    level = apps.get_model("blog", "LearningLevel")
    level.objects.filter(number__in=[number for number, *_ in LEVELS], posts=None).delete()


class Migration(migrations.Migration):
    dependencies = [("blog", "0003_tree_and_tally")]

    operations = [migrations.RunPython(add_levels, remove_levels)]
