"""Indexes that tell whose a stored picture is, built beside the traffic. Old code never notices them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "0014_drawn_figures")]

    operations = [
        AddIndexConcurrently("figure", models.Index(fields=["image"], name="figure_image")),
        AddIndexConcurrently(
            "figure",
            models.Index(condition=~Q(dark_image=""), fields=["dark_image"], name="figure_dark_image"),
        ),
        AddIndexConcurrently(
            "post", models.Index(condition=~Q(social_card=""), fields=["social_card"], name="post_card")
        ),
        AddIndexConcurrently("rendition", models.Index(fields=["file"], name="rendition_file")),
    ]
