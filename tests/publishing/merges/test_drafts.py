import pytest

from blog.models import (
    Post,
    Tag,
)
from blog.publishing import contents, editing, merges, undo
from tests import make

pytestmark = pytest.mark.django_db


def test_it_changes_drafts_on_top_along(ada, now):
    post = make.post(tags=["load"])
    cues, queues = (Tag.objects.create(name=name, slug=name) for name in ("cues", "queues"))
    editing.save(post, contents.read(post) | {"tags": ["cues", "load"]}, at=now, by=ada, on_top=True)
    done = merges.merge([cues], into=queues, at=now, by=ada)
    assert Post.objects.get().draft.content["tags"] == ["load", "queues"]
    undo.undo(done, at=now, by=ada)
    assert Post.objects.get().draft.content["tags"] == ["cues", "load"]
