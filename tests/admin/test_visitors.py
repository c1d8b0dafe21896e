import pytest
from django.test import RequestFactory

from blog.admin.visitors import address_of


@pytest.mark.parametrize(
    ("proxies", "sent", "address"),
    [
        (0, "198.51.100.1", "127.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (2, "6.6.6.6, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "6.6.6.6, ", "127.0.0.1"),
    ],
)
def test_it_believes_the_operators_own_proxies_alone(settings, proxies, sent, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": sent} if sent else {})
    assert address_of(request) == address
