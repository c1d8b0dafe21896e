"""Former addresses stand in the table as readers type them, with letters and not with percent signs.

Those of slugs in other scripts were written as URLs and never found, because requests come decoded. Older code looks
for decoded paths too, so it only finds more. Taken back, the rows stay as they are: what they lead to is still true.
"""

from urllib.parse import unquote

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def decode(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    Address = apps.get_model("blog", "Address")
    for address in Address.objects.filter(path__contains="%").order_by("pk").iterator():
        typed = unquote(address.path)
        if Address.objects.filter(path=typed).exists():
            address.delete()
        else:
            Address.objects.filter(pk=address.pk).update(path=typed)


class Migration(migrations.Migration):
    dependencies = [("blog", "0009_figure_words")]

    operations = [migrations.RunPython(decode, migrations.RunPython.noop)]
