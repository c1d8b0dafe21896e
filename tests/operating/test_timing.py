import re

import pytest

pytestmark = pytest.mark.django_db


def test_it_tells_staff_what_a_page_cost(admin_client):
    found = re.fullmatch(
        r'total;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+) queries"', admin_client.get("/")["Server-Timing"]
    )
    total, of_database, queries = map(float, found.groups())
    assert total >= of_database > 0 and queries >= 3


def test_it_tells_nobody_else(client, django_user_model):
    assert "Server-Timing" not in client.get("/")
    client.force_login(django_user_model.objects.create_user("reader"))
    assert "Server-Timing" not in client.get("/")
