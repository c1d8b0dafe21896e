import pytest

from blog.models import (
    Post,
    Tag,
)
from blog.publishing import contents, editing, merges, undo
from tests import make
from tests.publishing.waiting import one_after_the_other

pytestmark = pytest.mark.django_db


def test_it_changes_drafts_on_top_along(ada, now):
    post = make.post(tags=["load"])
    cues, queues = (Tag.objects.create(name=name, slug=name) for name in ("cues", "queues"))
    editing.save(post, contents.read(post) | {"tags": ["cues", "load"]}, at=now, by=ada, on_top=True)
    done = merges.merge([cues], into=queues, at=now, by=ada)
    assert Post.objects.get().draft.content["tags"] == ["load", "queues"]
    undo.undo(done, at=now, by=ada)
    assert Post.objects.get().draft.content["tags"] == ["cues", "load"]


@pytest.mark.django_db(transaction=True)
def test_words_that_were_saved_on_top_while_the_merge_waited_stay(ada, now):
    post = make.post(tags=["load"])
    cues, queues = (Tag.objects.create(name=name, slug=name) for name in ("cues", "queues"))
    draft = contents.read(post) | {"tags": ["cues", "load"]}
    editing.save(post, draft, at=now, by=ada, on_top=True)

    def save():
        editing.save(post, draft | {"title": "Theirs"}, at=now, by=ada, on_top=True)

    one_after_the_other(save, lambda: merges.merge([cues], into=queues, at=now, by=ada))
    stored = Post.objects.select_related("draft").get()
    assert (stored.draft.content["title"], stored.draft.content["tags"]) == ("Theirs", ["load", "queues"])
