import pytest
from django.utils import timezone

from blog.models import MissedSearch
from blog.publishing import trash
from tests import make

REPORTS = "/admin/blog/post/reports/"
PAGES = ("", "coverage/", "old/", "undescribed/", "missed/")


def test_it_counts_posts_by_category_with_all_below_and_level(editor, now, django_assert_max_num_queries):
    deep, top = make.category("storage/s3"), make.category("storage")
    make.post(categories=[deep, top])
    make.post(categories=[deep], status="draft")
    make.post(categories=[top], status="draft", learning_level=None)
    trash.put(make.post(categories=[top]), at=now)
    editor.get(REPORTS)
    with django_assert_max_num_queries(12):
        page = editor.get(f"{REPORTS}coverage/")
    storage, s3 = page.context["rows"]
    assert [cell["number"] for cell in storage["cells"]] == [0, 2, 0, 0, 1] and storage["all"] == 3
    assert [cell["number"] for cell in s3["cells"]] == [0, 2, 0, 0, 0]
    for cell in (storage["cells"][1], storage["cells"][4]):
        assert f"{cell['number']} post" in editor.get(cell["url"]).content.decode()
    drafts = editor.get(f"{REPORTS}coverage/?state=draft").context["rows"][0]
    assert drafts["all"] == 2


def test_it_names_posts_that_have_grown_old_and_figures_without_a_description(editor):
    (
        make.figure("bare"),
        make.figure("told", long_description="Three boxes in a row, each leading to the next."),
    )
    make.post("Old", body="![](figure:bare)\n\n![](figure:told)\n", at=make.LONG_AGO.replace(year=2020))
    page = editor.get(f"{REPORTS}old/").content.decode()
    assert "Old" in page
    page = editor.get(f"{REPORTS}undescribed/").content.decode()
    assert ">bare</a>" in page and ">told</a>" not in page


def test_it_adds_up_what_was_searched_in_vain(editor):
    today = timezone.now().date()
    MissedSearch.objects.create(words="raft", day=today, times=3)
    MissedSearch.objects.create(words="raft", day=today.replace(year=today.year - 1), times=9)
    page = editor.get(f"{REPORTS}missed/").content.decode()
    assert "raft" in page and ">3<" in page


@pytest.mark.parametrize("page", PAGES)
def test_it_denies_every_report_to_those_who_see_no_posts(editor, staff, client, page):
    assert editor.get(REPORTS + page, {"p": "-x", "state": "9" * 99}).status_code == 200
    assert client.get(REPORTS + page).status_code == 302
    assert staff("view_tag", "change_tag").get(REPORTS + page).status_code == 403
