import gzip

import pytest

from tests import make


@pytest.mark.django_db
def test_it_compresses_pages(client):
    make.post()
    plain = client.get("/").content
    response = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(response.content) == plain


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/", "/nowhere/", "/admin/login/", "/healthz"])
def test_it_sets_its_policies_on_every_page(client, url):
    headers = client.get(url).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
