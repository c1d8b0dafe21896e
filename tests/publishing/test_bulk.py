import pytest

from blog.models import Post
from blog.publishing import bulk, trash
from tests import make
from tests.publishing.bulk.changing import change

pytestmark = pytest.mark.django_db


def test_it_tells_of_each_post_that_it_can_not_change_and_changes_the_others(ada, now):
    last, other, theirs, gone = (make.post(title) for title in ("Last", "Other", "Theirs", "Gone"))
    other.categories.add(make.category("messaging"))
    trash.put(gone, at=now)
    outcome = change(
        bulk.REMOVE_CATEGORIES, [last, other, theirs, gone], [make.category().pk], at=now, by=ada,
        allowed=lambda post: post != theirs,
    )  # fmt: skip
    assert outcome.done == [other]
    reasons = {post.title: why for post, why in outcome.failed}
    assert "at least one category" in reasons["Last"]
    assert "may not" in reasons["Theirs"] and "trash" in reasons["Gone"]
    assert [c.path for c in Post.objects.get(pk=last.pk).categories.all()] == ["storage"]


@pytest.mark.parametrize(("kind", "number"), [("burn", 1), (bulk.TRASH, bulk.MOST + 1)])
def test_it_refuses_what_it_does_not_know_and_too_many(kind, number, now):
    with pytest.raises(ValueError):
        bulk.carry_out(kind, range(number), at=now, by=None)
