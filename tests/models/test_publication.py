import uuid

import pytest
from django.db import IntegrityError, transaction

from blog.models import Publication, publication, read_publication

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    monkeypatch.setattr(publication, "_read", None)


def test_it_is_asked_for_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert read_publication() == read_publication()


def test_it_was_founded_by_the_migration():
    assert read_publication().uid.version == 4


def test_it_gives_the_same_thing_the_same_name_for_ever():
    site = Publication(uid=uuid.UUID("7c1f3d5e-4a55-4a5b-9c36-0d4f7a3f1b10"))
    assert site.name_of("category:12") == site.name_of("category:12")
    assert site.name_of("category:12") != site.name_of("category:13")
    assert site.name_of("site").startswith("urn:uuid:")


def test_two_publications_name_the_same_thing_differently():
    assert Publication().name_of("site") != Publication().name_of("site")


def test_there_is_one_row():
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.create(id=2)


def test_an_emptied_database_still_gets_stable_names():
    Publication.objects.all().delete()
    assert read_publication().name_of("site") == read_publication().name_of("site")
