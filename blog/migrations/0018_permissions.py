"""Permissions to publish, to change what others began, and to review.

Whoever could change posts could do all of that until now, and keeps it: authors are made by giving somebody the role, not
by taking something from all. Older code asks for none of the three and goes on as it did.
"""

from django.db import migrations

NEW = {
    "publish_post": "Can publish, schedule and withdraw posts",
    "edit_any_post": "Can change the posts of others",
    "review_post": "Can comment on posts, and approve those of others",
}


def keep_what_they_could(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission").objects
    changing = permissions.filter(
        content_type__app_label="blog", content_type__model="post", codename="change_post"
    ).first()
    if changing is None:  # a new site: nobody has anything yet, and the rows are made after the migrations
        return
    made = [
        permissions.get_or_create(
            content_type_id=changing.content_type_id, codename=codename, defaults={"name": name}
        )[0]
        for codename, name in NEW.items()
    ]
    for holder in (*changing.group_set.all(), *changing.user_set.all()):
        (holder.permissions if hasattr(holder, "permissions") else holder.user_permissions).add(*made)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("blog", "0017_revision_indexes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="post",
            options={"ordering": ["-published_at", "-id"], "permissions": list(NEW.items())},
        ),
        migrations.RunPython(keep_what_they_could, migrations.RunPython.noop),
    ]
