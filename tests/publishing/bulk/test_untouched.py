import pytest

from blog.models import Operation, Post
from blog.publishing import bulk, contents, editing, trash, undo
from tests import make
from tests.publishing.bulk.changing import change

pytestmark = pytest.mark.django_db


def test_it_refuses_to_take_back_what_was_changed_since_and_changes_nothing(ada, now):
    one, two = make.post("One"), make.post("Two")
    outcome = change(bulk.ADD_TAGS, [one, two], ["queues"], at=now, by=ada)
    editing.save(one, contents.read(one) | {"title": "One more"}, at=now, by=ada)
    with pytest.raises(undo.Refused, match="“One more” changed since"):
        undo.undo(outcome.operation, at=now, by=ada)
    assert Post.objects.filter(tags__name="queues").count() == 2
    assert Operation.objects.get().undone_at is None


def test_it_refuses_to_take_back_what_is_gone(now):
    post = make.post()
    outcome = change(bulk.TRASH, [post], at=now, by=None)
    trash.delete_for_good(post, at=now)
    with pytest.raises(undo.Refused, match="1 post deleted for good"):
        undo.undo(outcome.operation, at=now, by=None)
