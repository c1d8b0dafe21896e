import io
import json
import logging
import logging.config

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config import logs


@pytest.fixture
def lines():
    """Reads what the site's own configuration writes in a form."""
    held = []

    def begin(form):
        made = logs.configuration(level="INFO", form=form)
        handler = logging.StreamHandler(io.StringIO())
        shape = dict(made["formatters"][form])
        factory = logging.config.DictConfigurator({"version": 1}).configure_formatter(shape)
        handler.setFormatter(factory)
        handler.addFilter(logs.WithRequest())
        logger = logging.getLogger("stratum.access")
        logger.addHandler(handler)
        before = logger.level
        logger.setLevel(logging.INFO)
        held.append((logger, handler, before))
        return lambda: handler.stream.getvalue().splitlines()

    yield begin
    for logger, handler, before in held:
        logger.removeHandler(handler)
        logger.setLevel(before)


def asked(path="/posts/x/?q=secret", status=200, **headers):
    request = RequestFactory().get(path, headers=headers)
    response = logs.Numbered(lambda request: HttpResponse(status=status))(request)
    return request, response


def test_it_writes_a_request_as_json_with_its_number_and_without_its_query(lines):
    read = lines("json")
    request, _ = asked()
    (line,) = map(json.loads, read())
    assert (line["path"], line["status"], line["method"]) == ("/posts/x/", 200, "GET")
    assert line["request"] == request.number and "secret" not in str(line)
    assert {"time", "level", "logger", "message", "milliseconds"} <= line.keys()


def test_it_writes_the_number_in_lines_of_text_too(lines):
    read = lines("line")
    request, _ = asked()
    assert f"[{request.number}]" in read()[0]


def test_it_writes_what_django_hands_over_with_a_request_in_it(lines):
    read = lines("json")
    logging.getLogger("stratum.access").error("broke", extra={"request": RequestFactory().get("/")})
    assert json.loads(read()[0])["message"] == "broke"


def test_it_takes_a_number_from_a_trusted_proxy_alone(settings):
    settings.BEHIND_PROXY = False
    assert asked(**{"X-Request-ID": "from-outside"})[0].number != "from-outside"
    settings.BEHIND_PROXY = True
    assert asked(**{"X-Request-ID": "from-outside"})[0].number == "from-outside"
    for forged in ("short", "x" * 65, "a b c d e f g h", "line\nbreak-in-it", "<script>alert(1)"):
        assert asked(**{"X-Request-ID": forged})[0].number != forged


def test_it_numbers_each_request_anew_and_tells_it_when_something_broke():
    (one, fine), (two, broken) = asked(), asked(status=500)
    assert one.number != two.number
    assert "X-Request-ID" not in fine and broken["X-Request-ID"] == two.number
    assert logs.REQUEST.get() == ""


def test_the_page_that_says_so_bears_the_number(client, settings):
    settings.ROOT_URLCONF = "tests.pages.broken_urls"
    client.raise_request_exception = False
    response = client.get("/broken/")
    assert response.status_code == 500
    assert f"<code>{response['X-Request-ID']}</code>" in response.content.decode()
