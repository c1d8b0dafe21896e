import pytest

from blog.models import Category, Post
from blog.publishing import categories
from tests import make

LIST = "/admin/blog/category/"


def given(category: Category, **over) -> dict:
    return {
        "name": category.name,
        "slug": category.slug,
        "parent": category.parent_id or "",
        "description": category.description,
        "position": category.position,
        "approvals": category.approvals,
    } | over


def save(editor, category: Category, **over):
    category.refresh_from_db()
    return editor.post(f"{LIST}{category.pk}/change/", given(category, **over))


def test_it_lists_the_tree_by_path_with_its_depth(editor):
    make.category("storage/amazon-s3")
    page = editor.get(LIST).content.decode()
    assert page.index('depth-0">Storage') < page.index('depth-1">Amazon S3')


def test_it_moves_a_category_with_all_below_it_and_leads_on(editor, client):
    deep = make.category("storage/files/locks")
    make.post(categories=[deep])
    top = make.category("systems")
    assert save(editor, deep.parent, parent=top.pk, slug="file-systems").status_code == 302
    for former, now in (
        ("storage/files", "systems/file-systems"),
        ("storage/files/locks", "systems/file-systems/locks"),
    ):
        response = client.get(f"/category/{former}/")
        assert (response.status_code, response["Location"]) == (301, f"/category/{now}/")
    assert b"Post" in client.get("/category/systems/").content


def test_it_refuses_to_move_a_category_into_itself_and_says_so_at_the_parent(editor):
    below = make.category("storage/files")
    for parent in (below, below.parent):
        response = save(editor, below.parent, parent=parent.pk)
        assert response.status_code == 200
        assert "parent" in response.context["adminform"].form.errors


def test_it_says_so_when_another_move_has_come_in_between(editor, monkeypatch):
    one, other = make.category("one"), make.category("other")
    save_under_lock = categories.save

    def after_another(category):
        Category.objects.filter(pk=other.pk).update(parent=one, path="one/other")
        save_under_lock(category)

    monkeypatch.setattr(categories, "save", after_another)
    response = save(editor, one, parent=other.pk)
    assert response.status_code == 302
    assert "move into itself" in editor.get(response["Location"]).content.decode().replace("&#x27;", "'")
    one.refresh_from_db()
    assert one.path == "one"


@pytest.mark.parametrize(
    "over",
    [
        {"slug": "feed"},
        {"slug": "learning-levels"},
        {"slug": "taken"},
        {"slug": "a/b"},
        {"position": "99999999"},
        {"name": ""},
    ],
)
def test_it_refuses_what_has_no_address(editor, over):
    make.category("taken")
    category = make.category("storage")
    response = save(editor, category, **over)
    assert response.status_code == 200
    assert response.context["errors"]


@pytest.mark.parametrize("way", ["page", "action"])
def test_it_refuses_to_delete_a_category_that_holds_posts_or_categories(editor, way):
    below = make.category("storage/files")
    post = make.post("Filed here", categories=[below])
    for category, link in (
        (below, f"/admin/blog/post/{post.pk}/change/"),
        (below.parent, f"{LIST}{below.pk}/change/"),
    ):
        if way == "page":
            response = editor.post(f"{LIST}{category.pk}/delete/", {"post": "yes"})
        else:
            response = editor.post(
                LIST, {"action": "delete_selected", "_selected_action": category.pk, "post": "yes"}
            )
        assert f'href="{link}"' in response.content.decode()
    assert Category.objects.count() == 2
    assert Post.objects.get().categories.count() == 1


def test_it_deletes_an_empty_branch_at_once(editor):
    below = make.category("storage/files")
    chosen = [below.pk, below.parent_id]
    editor.post(LIST, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert not Category.objects.exists()
