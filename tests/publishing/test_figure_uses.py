import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from blog.models import Figure, Revision, WorkingCopy
from blog.publishing import contents, figure_uses
from tests import make

pytestmark = pytest.mark.django_db


def spare() -> set[str]:
    return {one.slug for one in figure_uses.unused(Figure.objects.all())}


def test_it_knows_a_figure_that_nothing_shows_and_nobody_writes_about(now):
    made = {
        key: make.figure(key)
        for key in ("placed", "lead", "portrait", "in-draft", "leads-draft", "typed", "spare")
    }
    make.post(body="![](figure:placed)\n", status="draft", lead_figure=made["lead"])
    make.author("Bo Lind", portrait=made["portrait"])
    post = make.post()
    on_top = contents.read(post) | {"body": "![](figure:in-draft)", "lead_figure": made["leads-draft"].pk}
    post.draft = Revision.objects.create(
        post=post, number=2, kind="draft", status="published", content=on_top, made_at=now
    )
    post.save(update_fields=["draft"])
    WorkingCopy.objects.create(
        user=get_user_model().objects.create_user("ed"), key="new", tab="t", sequence=1, saved_at=timezone.now(),
        form={"body": ["See [](figure:typed)."], "lead_figure": [""]},
    )  # fmt: skip
    assert spare() == {"spare"}
    held = figure_uses.in_hand()
    assert held.posts(made["in-draft"]) == held.posts(made["leads-draft"]) == {post.pk}
    assert held.posts(made["typed"]) == {None}
    assert held.posts(made["spare"]) == set()


def test_it_asks_the_database_as_often_however_many_figures(django_assert_num_queries):
    make.figure("one")
    with django_assert_num_queries(2):
        assert len(spare()) == 1
