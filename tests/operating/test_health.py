def test_it_is_alive_without_a_database(client, django_db_blocker):
    with django_db_blocker.block():
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
