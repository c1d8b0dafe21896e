"""The roles as groups."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from blog.publishing import roles

pytestmark = pytest.mark.django_db


def told(*args: str) -> str:
    out = io.StringIO()
    call_command("roles", *args, stdout=out)
    return out.getvalue()


def test_it_makes_the_four_groups_and_says_so_once():
    assert "author: made," in told()
    assert set(Group.objects.values_list("name", flat=True)) == {"author", "editor", "publisher", "operator"}
    assert told() == "".join(f"{role}: as it should be\n" for role in roles.ROLES)
    assert "as it should be" in told("--check")


def test_it_says_what_differs_and_puts_it_right_without_touching_the_members():
    told()
    group = Group.objects.get(name="author")
    ada = get_user_model().objects.create_user("ada")
    ada.groups.add(group)
    group.permissions.remove(Permission.objects.get(codename="add_figure"))
    group.permissions.add(Permission.objects.get(codename="publish_post"))
    out = io.StringIO()
    with pytest.raises(CommandError, match="differ"):
        call_command("roles", "--check", stdout=out)
    assert "author: + blog.add_figure, - blog.publish_post" in out.getvalue()
    assert roles.differences(), "a check changes nothing"
    assert "author: + blog.add_figure, - blog.publish_post" in told()
    assert list(group.user_set.all()) == [ada]
    assert not roles.differences()


def test_it_leaves_other_groups_alone():
    Group.objects.create(name="translators")
    told()
    assert Group.objects.filter(name="translators").exists()


def test_it_asks_for_the_tables_first():
    Permission.objects.filter(codename="publish_post").delete()
    with pytest.raises(CommandError, match=r"blog\.publish_post; run `manage\.py migrate`"):
        told()


def test_only_publishers_publish_and_operators_touch_no_text():
    assert [name for name, had in roles.ROLES.items() if "blog.publish_post" in had] == ["publisher"]
    assert {name.partition(".")[2] for name in roles.ROLES["operator"] if "post" in name} == set()
    assert roles.ROLES["author"] < roles.ROLES["editor"] < roles.ROLES["publisher"]
