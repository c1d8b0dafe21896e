import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from blog.models import Preference
from tests import make

from .conftest import address, fields, said

ZONE = "/admin/blog/post/zone/"


def choose(editor, name):
    return editor.post(ZONE, {"time_zone": name, "next": "/admin/"}, follow=True)


def test_an_editor_chooses_a_zone_and_the_admin_tells_times_in_it(editor):
    assert "Asia/Tokyo" in said(choose(editor, "Asia/Tokyo"))
    post = make.post()
    page = editor.get(address(post)).content.decode()
    assert "18:00" in page
    assert "Thu 1 Jan 2026, 18:00 JST = 09:00 UTC" in page


def test_what_is_typed_is_read_in_that_zone(editor):
    choose(editor, "Asia/Tokyo")
    data = fields(published_at_0="2998-07-01", published_at_1="18:00:00", expires_at_0="", expires_at_1="")
    editor.post(address(), data | {"_schedule": "1"})
    from blog.models import Post

    assert Post.objects.get().published_at.isoformat() == "2998-07-01T09:00:00+00:00"


def test_readers_and_previews_stay_in_the_sites_zone(editor):
    choose(editor, "Pacific/Kiritimati")
    post = make.post(at=make.LONG_AGO.replace(hour=13))
    there = fields(post, published_at_0="2026-01-02", published_at_1="03:00:00")  # the same instant
    for page in (editor.get(post.get_absolute_url()), editor.post(address(post, "preview"), there)):
        told = re.findall(r'<time datetime="(2026-[^"]+)"', page.content.decode())
        assert told
        assert all(one.startswith("2026-01-01") for one in told)


def test_no_choice_is_the_sites_zone(editor):
    choose(editor, "Asia/Tokyo")
    assert "UTC" in said(choose(editor, ""))
    assert Preference.objects.get().time_zone == ""


@pytest.mark.parametrize("odd", ["Mars/Olympus", "../../etc/passwd", "posix/UTC", "x" * 9_999, "\ud800"])
def test_it_takes_no_zone_that_there_is_not(editor, odd):
    assert editor.post(ZONE, {"time_zone": odd.encode("utf-8", "replace").decode()}).status_code == 200
    assert not Preference.objects.exists()


def test_it_leads_back_within_the_site_only(editor):
    assert editor.post(ZONE, {"time_zone": "UTC", "next": "https://evil.example/"}).url == ZONE
    assert editor.post(ZONE, {"time_zone": "UTC", "next": "/admin/blog/post/"}).url == "/admin/blog/post/"


def test_a_zone_that_the_system_has_lost_does_no_harm(editor):
    Preference.objects.create(user=get_user_model().objects.get(), time_zone="Old/Name")
    assert editor.get(ZONE).status_code == 200


def test_strangers_are_sent_to_the_login(db):
    assert Client().get(ZONE).status_code == 302


def test_it_lets_each_person_turn_letters_off_where_the_site_sends_any(editor, settings):
    page = ZONE
    assert 'name="mail"' not in editor.get(page).content.decode()
    settings.MAIL = True
    assert 'name="mail"' in editor.get(page).content.decode()
    editor.post(page, {"time_zone": ""})
    assert Preference.objects.get().mail is False
    editor.post(page, {"time_zone": "", "mail": "on"})
    assert Preference.objects.get().mail is True
