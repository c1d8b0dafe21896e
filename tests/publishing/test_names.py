import pytest

from blog.models import Address, Category, Event, Tag
from blog.publishing import names, undo
from tests import make

pytestmark = pytest.mark.django_db


def renamed(thing, at, **new):
    for name, value in new.items():
        setattr(thing, name, value)
    return names.save(thing, at=at, by=None)


def test_it_renames_and_takes_it_back(now, client):
    make.post(tags=["cues"])
    done = renamed(Tag.objects.get(), now, name="queues", slug="queues")
    assert client.get("/tag/cues/")["Location"] == "/tag/queues/"
    assert str(done) == "“cues” renamed to “queues”."
    assert Event.objects.get(verb="tag.renamed").details["was"] == {"name": "cues", "slug": "cues"}
    assert undo.undo(done, at=now, by=None) == "It is called “cues” again."
    assert client.get("/tag/cues/").status_code == 200
    assert client.get("/tag/queues/")["Location"] == "/tag/cues/"
    assert list(Address.objects.values_list("path", flat=True)) == ["/tag/queues/"]


def test_it_takes_back_the_new_address_of_a_category_with_all_below_it(now):
    make.category("store/s3")
    done = renamed(Category.objects.get(path="store"), now, slug="storage")
    assert str(done) == "The address of “Store” changed from /category/store/ to /category/storage/."
    assert Category.objects.filter(path="storage/s3").exists()
    undo.undo(done, at=now, by=None)
    assert set(Category.objects.values_list("path", flat=True)) == {"store", "store/s3"}


def test_it_remembers_nothing_where_the_name_stays(now):
    assert renamed(Tag(name="new", slug="new"), now) is None
    assert renamed(make.author(), now, bio="Writes.") is None


@pytest.mark.parametrize("since", ["renamed", "gone", "taken"])
def test_it_refuses_to_rename_back_what_has_changed_since(since, now):
    tag = Tag.objects.create(name="cues", slug="cues")
    done = renamed(tag, now, name="queues", slug="queues")
    if since == "renamed":
        renamed(tag, now, name="lines")
    elif since == "gone":
        tag.delete()
    else:
        Tag.objects.create(name="CUES", slug="cues-2")
    with pytest.raises(undo.Refused, match="Not undone"):
        undo.undo(done, at=now, by=None)
