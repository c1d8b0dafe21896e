"""How often logins have failed of late. A new, empty table. Old code lives with it: it asks nothing of it and slows nobody
down.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0030_names_of_logs"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoginDelay",
            fields=[
                ("slot", models.BigIntegerField(primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_at", models.DateTimeField(help_text="Of the latest failure.")),
                ("until", models.DateTimeField(help_text="Before that instant no login is judged.")),
            ],
            options={
                "indexes": [models.Index(fields=["last_at"], name="logindelay_oldest")],
            },
        ),
    ]
