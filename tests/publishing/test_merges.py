import pytest

from blog.models import (
    Address,
    Author,
    Category,
    Event,
    Listing,
    Post,
    Series,
    SeriesPart,
    Tag,
    levels_with_counts,
)
from blog.publishing import merges, successors, undo
from tests import make
from tests.publishing.merges.everything import everything

pytestmark = pytest.mark.django_db


def total(scope, at):
    return sum(level.posts_count for level in levels_with_counts(scope, at=at))


def test_it_merges_tags_and_takes_it_back(ada, now, client):
    one, both, none = make.post(tags=["cues"]), make.post(tags=["cues", "queues"]), make.post(tags=["load"])
    cues, queues = Tag.objects.get(name="cues"), Tag.objects.get(name="queues")
    Address.objects.create(path="/tag/kews/", tag=cues)
    before = everything()
    told = merges.preview([cues], queues)
    assert (told.count, told.both, set(told.posts)) == (2, 1, {one, both})
    assert told.paths == ["/tag/cues/", "/tag/kews/"]
    done = merges.merge([cues], into=queues, at=now, by=ada)
    assert str(done) == "“cues” merged into “queues”."
    assert not Tag.objects.filter(name="cues").exists()
    assert all(list(post.tags.names()) == ["queues"] for post in (one, both))
    assert list(none.tags.names()) == ["load"]
    assert total(queues, now) == Listing.objects.filter(tag=queues).count() == 2
    for path in ("/tag/cues/", "/tag/kews/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (301, "/tag/queues/")
    assert Event.objects.get(verb="tag.merged").details == {"into": queues.pk, "named": "queues"}
    assert undo.undo(done, at=now, by=ada) == "“cues” is back."
    assert everything() == before
    assert client.get("/tag/cues/").status_code == 200 and total(cues, now) == 2 and total(queues, now) == 1


def test_it_leads_from_every_former_address_straight_to_the_last(now, client):
    make.post(tags=["a", "b", "c"])
    a, b, c = Tag.objects.order_by("name")
    merges.merge([a], into=b, at=now, by=None)
    merges.merge([b], into=c, at=now, by=None)
    assert client.get("/tag/a/")["Location"] == client.get("/tag/b/")["Location"] == "/tag/c/"


def test_it_merges_several_at_once(now):
    make.post(tags=["a", "b", "c"])
    a, b, c = Tag.objects.order_by("name")
    before = everything()
    done = merges.merge([a, c], into=b, at=now, by=None)
    assert list(Post.objects.get().tags.names()) == ["b"]
    assert undo.undo(done, at=now, by=None) == "“a”, “c” are back."
    assert everything() == before


def test_it_merges_authors_who_keep_the_first_place_that_either_had(ada, now):
    bo, b_carr, cy = make.author("Bo Carr"), make.author("B Carr"), make.author("Cy")
    b_carr.user = ada
    b_carr.save()
    first = make.post(authors=[b_carr, cy, bo])
    other = make.post(authors=[cy, b_carr])
    before = everything()
    notes = " ".join(merges.preview([b_carr], bo).notes)
    assert "The account “ada” will be tied to “Bo Carr”" in notes
    done = merges.merge([b_carr], into=bo, at=now, by=ada)
    assert [line.author for line in first.bylines.all()] == [bo, cy]
    assert [line.author for line in other.bylines.all()] == [cy, bo]
    assert Author.objects.get(pk=bo.pk).user == ada
    undo.undo(done, at=now, by=ada)
    assert everything() == before


def test_it_merges_series_and_keeps_numbers_that_are_free(now):
    long, short = (Series.objects.create(title=name, slug=name) for name in ("long", "short"))
    both = make.post(series=[(long, 1), (short, 3)])
    make.post(series=[(long, 2)])
    moved, renumbered = make.post(series=[(short, 5)]), make.post(series=[(short, 2)])
    before = everything()
    done = merges.merge([short], into=long, at=now, by=None)
    numbers = dict(SeriesPart.objects.filter(series=long).values_list("post", "number"))
    assert numbers[both.pk] == 1 and numbers[moved.pk] == 5 and numbers[renumbered.pk] == 3
    undo.undo(done, at=now, by=None)
    assert everything() == before


def test_it_merges_categories_with_all_below_them(now, client):
    old, new = make.category("store"), make.category("storage")
    below = make.category("store/s3")
    post, deep = make.post(categories=[old]), make.post(categories=[below])
    both = make.post(categories=[old, new])
    told = merges.preview([old], new)
    assert (told.count, told.both) == (2, 1) and "store/s3" in told.notes[0]
    done = merges.merge([old], into=new, at=now, by=None)
    assert [c.path for c in post.categories.all()] == [c.path for c in both.categories.all()] == ["storage"]
    assert [c.path for c in deep.categories.all()] == ["storage/s3"]
    assert total(new, now) == 3
    assert client.get("/category/store/")["Location"] == "/category/storage/"
    assert client.get("/category/store/s3/")["Location"] == "/category/storage/s3/"
    undo.undo(done, at=now, by=None)
    assert (
        Category.objects.get(path="store/s3").parent == old and total(old, now) == 3 and total(new, now) == 1
    )
    assert client.get("/category/store/s3/").status_code == 200


def test_a_merged_tag_stays_merged_when_its_old_name_is_typed(now):
    make.post(tags=["cues", "queues"])
    cues, queues = Tag.objects.get(name="cues"), Tag.objects.get(name="queues")
    merges.merge([cues], into=queues, at=now, by=None)
    assert list(make.post(tags=["Cues"]).tags.names()) == ["queues"]


def test_it_says_so_when_others_go_on_filing_posts_meanwhile(now, monkeypatch):
    make.post(tags=["a", "b"])
    a, b = Tag.objects.order_by("name")
    # Rather than twenty savers in a row, each between two queries of the merge.
    monkeypatch.setattr(successors, "TRIES", 0)
    before = everything()
    with pytest.raises(merges.CannotMerge, match="at this moment"):
        merges.merge([a], into=b, at=now, by=None)
    assert everything() == before


def test_it_says_so_when_one_of_them_is_gone(now):
    make.post(tags=["a", "b"])
    a, b = Tag.objects.order_by("name")
    Tag.objects.filter(pk=a.pk).delete()
    with pytest.raises(merges.CannotMerge, match="gone meanwhile"):
        merges.merge([a], into=b, at=now, by=None)
