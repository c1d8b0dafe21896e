"""Working copies, where tabs write at the same time."""

import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from blog.models import WorkingCopy
from blog.publishing import keeping
from tests import make


@pytest.mark.django_db(transaction=True)
def test_of_tabs_that_write_at_once_one_is_kept_and_each_other_is_told(now):
    user = get_user_model().objects.create_user("ada")
    post = make.post(status="draft")

    def write(tab, gate, told):
        gate.wait()
        try:
            kept = keeping.keep({"body": [tab]}, by=user, at=now, tab=tab, sequence=1, post=post.pk)
            told[tab] = kept.other.form["body"] if kept.other else None
        finally:
            connection.close()

    for _round in range(10):
        WorkingCopy.objects.all().delete()
        told, gate = {}, threading.Barrier(4)
        writers = [threading.Thread(target=write, args=(tab, gate, told)) for tab in "abcd"]
        for one in writers:
            one.start()
        for one in writers:
            one.join()
        [winner] = [tab for tab, other in told.items() if other is None]
        assert WorkingCopy.objects.get().form == {"body": [winner]}
        assert all(other == [winner] for tab, other in told.items() if tab != winner)


@pytest.mark.django_db
@pytest.mark.parametrize("over", [{"post": None, "key": ""}, {"key": "x"}])
def test_the_database_holds_a_copy_to_one_post_or_one_form(now, over):
    given = {"post": make.post(status="draft"), "user": get_user_model().objects.create_user("ada")}
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkingCopy.objects.create(**given | {"tab": "a", "sequence": 1, "saved_at": now} | over)


@pytest.mark.django_db
def test_the_database_holds_one_copy_an_editor_and_post(now):
    given = {"user": get_user_model().objects.create_user("ada"), "tab": "a", "sequence": 1, "saved_at": now}
    for place in ({"post": make.post(status="draft")}, {"key": "k"}):
        WorkingCopy.objects.create(**given, **place)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkingCopy.objects.create(**given, **place)
        WorkingCopy.objects.create(**given, **place, discarded_at=now)
