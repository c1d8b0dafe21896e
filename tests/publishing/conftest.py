import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def ada(db):
    """Somebody by whom something is done."""
    return get_user_model().objects.create_user("ada")
