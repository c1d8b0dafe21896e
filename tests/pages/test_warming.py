import logging

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from blog.pages.warming import warm
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """As a server would call it, on the connection of the test."""
    ends = request_started, request_finished
    for each in ends:
        each.disconnect(close_old_connections)
    yield get_wsgi_application()
    for each in ends:
        each.connect(close_old_connections)


def test_it_asks_for_a_page_of_each_kind(site):
    make.post(slug="queues")
    assert warm(site) == ["/", "/posts/queues/", "/category/learning-levels/"]


def test_it_follows_addresses_in_any_script(site):
    made = make.post(slug="жизнь-очереди")
    assert warm(site)[1] == made.get_absolute_url()


def test_it_leaves_out_what_is_not_there(site):
    assert "/posts/" not in "".join(warm(site))


def test_a_process_starts_whatever_goes_wrong(caplog):
    def broken(environ, start_response):
        raise RuntimeError("out of sorts")

    assert warm(broken) == []
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
