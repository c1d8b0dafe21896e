import pytest

from blog.models import Address, Author, Category, Operation, Series, Tag
from tests import make

from .conftest import said


def things(kind):
    if kind == "tag":
        make.post("Tagged", tags=["cues"])
        return Tag.objects.get(), Tag.objects.create(name="queues", slug="queues")
    if kind == "author":
        return make.author("Bo"), make.author("Bo Carr")
    if kind == "series":
        return tuple(Series.objects.create(title=name, slug=name) for name in ("a", "b"))
    return make.category("a"), make.category("b")


MODELS = {"tag": Tag, "author": Author, "series": Series, "category": Category}


@pytest.mark.parametrize("kind", MODELS)
def test_it_merges_after_a_preview_and_undoes_it(editor, client, kind):
    former, into = things(kind)
    url = f"/admin/blog/{kind}/merge/"
    action = {"action": "merge_selected", "_selected_action": [former.pk, into.pk]}
    asked = editor.post(f"/admin/blog/{kind}/", action)
    assert asked["Location"] == f"{url}?ids={former.pk},{into.pk}"
    assert "Which one stays" in editor.get(asked["Location"]).content.decode()
    page = editor.get(f"{asked['Location']}&into={into.pk}")
    assert former.get_absolute_url() in page.content.decode() and page.context["preview"]
    assert MODELS[kind].objects.filter(pk=former.pk).exists()
    response = editor.post(url, {"ids": f"{former.pk},{into.pk}", "into": into.pk}, follow=True)
    assert "merged into" in said(response)
    assert not MODELS[kind].objects.filter(pk=former.pk).exists()
    assert Address.objects.filter(path=former.get_absolute_url()).exists()
    editor.post(f"/admin/blog/operation/{Operation.objects.get().pk}/undo/")
    assert MODELS[kind].objects.filter(pk=former.pk).exists()


def test_it_previews_in_few_queries_and_names_the_posts(editor, django_assert_max_num_queries):
    former, into = things("tag")
    editor.get("/admin/blog/tag/")
    with django_assert_max_num_queries(15):
        page = editor.get(f"/admin/blog/tag/merge/?ids={former.pk},{into.pk}&into={into.pk}").content.decode()
    assert "Tagged" in page and "1 post is filed anew" in page


def test_a_form_leads_to_merging_into_another(editor):
    former, into = things("tag")
    page = editor.get(f"/admin/blog/tag/{former.pk}/change/").content.decode()
    assert f'href="/admin/blog/tag/merge/?ids={former.pk}"' in page
    assert f'href="/admin/blog/tag/{former.pk}/rename/"' in page
    choice = editor.get(f"/admin/blog/tag/merge/?ids={former.pk}&into={into.pk}")
    assert choice.context["preview"].into == into


def test_it_says_why_categories_can_not_become_one(editor):
    upper, lower = make.category("a"), make.category("a/b")
    page = editor.get(
        f"/admin/blog/category/merge/?ids={upper.pk},{lower.pk}&into={lower.pk}"
    ).content.decode()
    assert "lies below" in page


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=x", "?ids=99", f"?ids={10**30}"])
def test_it_knows_nothing_else_to_merge(editor, query):
    assert editor.get(f"/admin/blog/tag/merge/{query}").status_code == 404


@pytest.mark.parametrize("into", ["x", "0", str(10**30)])
def test_it_refuses_what_is_not_among_them(editor, into):
    former, other = things("tag")
    page = editor.get(f"/admin/blog/tag/merge/?ids={former.pk},{other.pk}&into={into}")
    assert page.status_code == 200 and page.context["preview"] is None


@pytest.mark.parametrize("kind", MODELS)
def test_it_denies_merging_and_renaming_to_those_who_may_not(staff, client, kind):
    former, into = things(kind)
    merge = f"/admin/blog/{kind}/merge/?ids={former.pk},{into.pk}"
    rename = f"/admin/blog/{kind}/{former.pk}/rename/"
    assert client.get(merge).status_code == client.post(rename).status_code == 302
    looker = staff(f"view_{kind}", f"change_{kind}")
    assert looker.get(merge).status_code == 403
    assert looker.post(merge, {"ids": f"{former.pk},{into.pk}", "into": into.pk}).status_code == 403


def test_it_denies_renaming_to_those_who_only_look(staff):
    tag = Tag.objects.create(name="cues", slug="cues")
    assert (
        staff("view_tag").post(f"/admin/blog/tag/{tag.pk}/rename/", {"name": "x", "slug": "x"}).status_code
        == 403
    )


def test_it_renames_after_a_preview(editor, client):
    tag, _ = things("tag")
    url = f"/admin/blog/tag/{tag.pk}/rename/"
    new = {"name": "lines", "slug": "lines"}
    page = editor.post(url, new).content.decode()
    assert "/tag/cues/" in page and "/tag/lines/" in page and "Tagged" in page
    assert Tag.objects.get(pk=tag.pk).name == "cues"
    assert "renamed to" in said(editor.post(url, new | {"confirm": "yes"}, follow=True))
    assert client.get("/tag/cues/")["Location"] == "/tag/lines/"


def test_it_tells_what_moves_below_a_renamed_category(editor):
    make.category("a/b")
    top = Category.objects.get(path="a")
    page = editor.post(f"/admin/blog/category/{top.pk}/rename/", {"name": "A", "slug": "z"}).content.decode()
    assert "a/b" in page
    editor.post(f"/admin/blog/category/{top.pk}/rename/", {"name": "A", "slug": "z", "confirm": "yes"})
    assert Category.objects.filter(path="z/b").exists()


def test_it_refuses_a_name_that_is_taken(editor):
    tag, _ = things("tag")
    page = editor.post(f"/admin/blog/tag/{tag.pk}/rename/", {"name": "QUEUES", "slug": "x"})
    assert page.context["form"].errors
    assert editor.get(f"/admin/blog/tag/{10**30}/rename/").status_code == 404
