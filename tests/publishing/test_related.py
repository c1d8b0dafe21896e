from datetime import timedelta

import pytest

from blog.models import RelatedPost, Series
from blog.publishing import related, workflow
from blog.publishing.tasks import relate_post
from tests import make

pytestmark = pytest.mark.django_db


def names(post):
    rows = RelatedPost.objects.filter(post=post, curated=False).order_by("position")
    return list(rows.values_list("other__title", flat=True))


def test_it_prefers_rare_tags_the_deepest_category_and_the_same_series(now):
    storage, s3 = make.category("storage"), make.category("storage/s3")
    series = Series.objects.create(title="S", slug="s")
    for n in range(6):
        make.post(f"Common {n}", categories=[storage], tags=["common"])
    post = make.post("Here", categories=[s3], tags=["common", "rare"], series=[(series, 1)])
    make.post("Category", categories=[s3])
    make.post("Rare", categories=[s3], tags=["rare"])
    make.post("Part", categories=[make.category("else")], series=[(series, 2)])
    make.post("Stranger", categories=[make.category("else")], tags=["other"])
    related.relate([post.pk], at=now)
    found = names(post)
    assert found[0] == "Rare"
    assert {"Category", "Part"} < set(found[:4])
    assert "Stranger" not in found
    assert len(found) == 9


def test_it_compares_the_words_of_titles_and_summaries(now):
    post = make.post("Replicating journals across regions")
    make.post("How to brew tea")
    make.post("Journals that replicate across a region")
    make.post("Cables")
    related.relate([post.pk], at=now)
    assert names(post)[0] == "Journals that replicate across a region"


def test_it_relates_neither_translations_nor_other_languages_nor_drafts(now):
    post = make.post("Here", tags=["a"])
    make.post("Hier", tags=["a"], language="de")
    make.post("Same again", tags=["a"], translation_of=post)
    make.post("Draft", tags=["a"], status="draft")
    make.post("British", tags=["a"], language="en-GB")
    related.relate([post.pk], at=now)
    assert names(post) == ["British"]


def test_it_stores_more_than_is_shown_and_scheduled_posts_beside_live_ones(now):
    post = make.post("Here")
    for n in range(20):
        make.post(f"Live {n}")
        make.post(f"Scheduled {n}", at=now + timedelta(days=1))
    related.relate([post.pk], at=now)
    found = names(post)
    assert sum(name.startswith("Live") for name in found) == related.LIVE
    assert sum(name.startswith("Scheduled") for name in found) == related.SCHEDULED


def test_old_posts_learn_of_new_ones_and_forget_those_that_are_gone(now):
    old = make.post("Old", tags=["a"])
    new = make.post("New", tags=["a"])
    related.relate_around(new.pk, at=now)
    assert names(old) == ["New"]
    assert names(new) == ["Old"]
    workflow.withdraw(new, at=now)
    related.relate_around(new.pk, at=now)
    assert names(old) == names(new) == []


def test_it_writes_nothing_that_is_so_already_and_leaves_what_editors_chose(now):
    posts = [make.post() for _ in range(4)]
    RelatedPost.objects.create(post=posts[0], other=posts[1], curated=True)
    assert list(related.relate_all(at=now)) == [4]
    assert related.relate([post.pk for post in posts], at=now) == 0
    assert RelatedPost.objects.filter(curated=True).count() == 1
    assert RelatedPost.objects.filter(curated=False).count() == 12


def test_it_is_left_to_a_worker_after_a_save_that_readers_may_notice(django_capture_on_commit_callbacks, now):
    def tasks(**over):
        from django_tasks_db.models import DBTaskResult

        with django_capture_on_commit_callbacks(execute=True):
            made = make.post(**over)
        return made, DBTaskResult.objects.filter(task_path=relate_post.module_path).count()

    assert tasks(status="draft")[1] == 0
    assert tasks()[1] == 1


def test_it_relates_many_at_once_as_it_relates_each(now):
    shelves = [make.category(path) for path in ("a", "a/b", "c")]
    posts = [
        make.post(f"Post about {word}", categories=[shelves[n % 3]], tags=[f"t{n % 4}", "all"])
        for n, word in enumerate("queues queues ledgers journals queues ledgers leases".split())  # noqa: SIM905
    ]
    related.relate([post.pk for post in posts], at=now)
    together = {post.pk: names(post) for post in posts}
    RelatedPost.objects.all().delete()
    for post in posts:
        related.relate([post.pk], at=now)
    assert together == {post.pk: names(post) for post in posts}
    assert all(together.values())
