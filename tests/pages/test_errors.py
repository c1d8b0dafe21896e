import pytest
from django.test import Client, RequestFactory

from blog.pages import errors


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
