import pytest

from blog.models import (
    Operation,
    Tag,
)
from blog.publishing import addresses, merges, undo
from tests import make
from tests.publishing.merges.everything import everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("since", ["untagged", "gone", "taken", "readdressed", "winner"])
def test_it_refuses_to_part_what_has_changed_since(since, now):
    post = make.post("One", tags=["cues"])
    cues, queues = Tag.objects.get(), Tag.objects.create(name="queues", slug="queues")
    done = merges.merge([cues], into=queues, at=now, by=None)
    if since == "untagged":
        post.tags.clear()
    elif since == "gone":
        post.delete()
    elif since == "taken":
        Tag.objects.create(name="Cues", slug="other")
    elif since == "readdressed":
        addresses.leave("/tag/cues/", Tag.objects.create(name="x", slug="x"))
    else:
        queues.delete()
    before = everything()
    with pytest.raises(undo.Refused, match="Not undone"):
        undo.undo(done, at=now, by=None)
    assert everything() == before and Operation.objects.get().undone_at is None
