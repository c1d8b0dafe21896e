import pytest

from blog.models import LearningLevel
from tests import make


@pytest.mark.django_db
def test_it_brings_the_levels_back_when_a_test_has_emptied_all_tables():
    LearningLevel.objects.all().delete()
    assert make.level(300).slug == "advanced-300"
    assert LearningLevel.objects.count() == 4
