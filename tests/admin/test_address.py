from blog.models import Address
from tests import make

LIST = "/admin/blog/address/"


def test_it_lists_former_addresses_with_what_they_lead_to_and_lets_them_go(editor):
    post = make.post("Where it lives")
    one = Address.objects.create(path="/posts/old/", post=post)
    page = editor.get(f"{LIST}?q=old").content.decode()
    assert f'<a href="/admin/blog/post/{post.pk}/change/">Where it lives</a>' in page
    assert editor.get(f"{LIST}add/").status_code == 403
    assert editor.post(f"{LIST}{one.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Address.objects.exists()
