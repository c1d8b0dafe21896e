import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from blog.pages import errors
from tests import make


@pytest.mark.django_db
@pytest.mark.parametrize(("url", "status"), [("/nowhere/", 404), ("/?before=x", 400)])
def test_it_speaks_in_the_sites_own_design(client, url, status):
    response = client.get(url)
    assert response.status_code == status
    assert b"Stratum" in response.content
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_it_needs_no_database_for_a_500(django_db_blocker):
    with django_db_blocker.block():
        response = errors.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"</html>" in response.content


@pytest.mark.django_db
def test_it_hides_what_went_wrong_from_the_reader(settings):
    settings.ROOT_URLCONF = "tests.pages.broken_urls"
    response = Client(raise_request_exception=False).get("/broken/")
    assert response.status_code == 500
    assert b"on purpose" not in response.content


@pytest.mark.django_db
def test_it_refuses_a_form_without_its_token_in_the_sites_own_design():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert response.status_code == 403
    assert b"Stratum" in response.content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("&".join(f"a{n}=1" for n in range(2_000)), "application/x-www-form-urlencoded"),
        ("a=" + "x" * 3_000_000, "application/x-www-form-urlencoded"),
        (
            "--b\r\n"
            + 'Content-Disposition: form-data; name="f"; filename="x"\r\n\r\n1\r\n--b\r\n' * 300
            + "--b--",
            "multipart/form-data; boundary=b",
        ),
    ],
    ids=["fields", "bytes", "files"],
)
def test_it_turns_a_strangers_oversized_form_away_without_a_word_in_the_log(body, kind, caplog):
    response = Client().post("/admin/login/", body, content_type=kind)
    assert response.status_code == 400
    assert b"Stratum" in response.content
    assert not caplog.records


@pytest.mark.django_db
def test_it_names_what_a_misspelt_address_may_have_meant(client, in_templates):
    make.post(title="Sovereign failover", slug="sovereign-failover")
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/posts/soverein-failover/")
    assert response.status_code == 404
    page = response.content.decode()
    assert '<a href="/posts/sovereign-failover/"' in page
    assert 'value="soverein failover"' in page
    assert len(queries) <= 3, [q["sql"] for q in queries]
    assert in_templates == [0]


@pytest.mark.django_db
def test_it_says_nothing_more_where_nothing_resembles(client):
    response = client.get("/posts/xyzzyplugh/")
    assert response.status_code == 404
    assert b"Perhaps you meant" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/wp-login.php", "/.env", "/x.php?a=1"])
def test_it_does_not_think_about_scanners(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 404
    assert len(queries) <= 1  # whether it has moved


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{"Accept": "image/avif,image/webp,*/*;q=0.8"}, {"Sec-Fetch-Dest": "script"}], ids=str
)
def test_it_spares_machines_the_page(client, headers):
    response = client.get("/posts/soverein-failover/", headers=headers)
    assert response.status_code == 404
    assert len(response.content) < 50


@pytest.mark.parametrize("path", ["/posts-of-old/", "/wp-login.php", "/posts-of-old/x.png"])
def test_it_stays_a_404_without_the_database(client, monkeypatch, path):
    def away(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr("blog.pages.middleware.moved_to", away)
    monkeypatch.setattr("blog.pages.errors.read_nearest", away)
    response = client.get(path)
    assert response.status_code == 404
    assert b"</html>" in response.content


@pytest.mark.django_db
def test_it_escapes_the_words_that_it_repeats(client):
    page = client.get('/posts/"><b>onmouseover/').content.decode()
    assert "<b>onmouseover" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("/admin/blog/post/99/merge/1/", "There is no such post; perhaps it was deleted."),
        ("/admin/blog/post/trash/99/delete/", "There is no such post in the trash."),
        ("/admin/nowhere/", "This address of the admin leads nowhere."),
        ("/admin/blog/figure/99/replace/", "deleted"),
    ],
)
def test_it_tells_an_editor_what_is_not_there_and_a_stranger_nothing(client, admin_client, url, reason):
    answer = admin_client.get(url)
    page = answer.content.decode()
    assert answer.status_code == 404
    assert reason in page and "Back to your desk" in page and "tried" not in page
    assert "desk" not in client.get(url, follow=True).content.decode()
