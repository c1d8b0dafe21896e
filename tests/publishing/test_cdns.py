"""Each CDN is told in its own words: against a server that writes down what it is asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

import pytest

from blog.publishing import cdns


class Recorder(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        status, answered = self.server.answers
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(answered)))
        self.end_headers()
        self.wfile.write(answered)

    do_POST = do_PURGE = do_GET = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *told):
        pass


@pytest.fixture
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    made.asked, made.answers = [], (200, b'{"success": true}')
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def keys(n):
    return [f"p{number}" for number in range(n)]


def test_fastly_is_told_of_256_keys_at_once(server):
    cdns.Fastly({"url": server.url, "service": "abc", "token": "sesame"}).purge(keys(300))
    assert [(one[0], one[1]) for one in server.asked] == [("POST", "/service/abc/purge")] * 2
    assert [len(json.loads(one[3])["surrogate_keys"]) for one in server.asked] == [256, 44]
    assert server.asked[0][2]["Fastly-Key"] == "sesame"


def test_cloudflare_is_told_of_30_tags_at_once(server):
    cdns.Cloudflare({"url": server.url, "zone": "z1", "token": "sesame"}).purge(keys(31))
    assert [(one[0], one[1]) for one in server.asked] == [("POST", "/zones/z1/purge_cache")] * 2
    assert json.loads(server.asked[1][3]) == {"tags": ["p30"]}
    assert server.asked[0][2]["Authorization"] == "Bearer sesame"


def test_cloudflare_may_say_no_with_a_good_status(server):
    server.answers = (200, b'{"success": false, "errors": [{"message": "no"}]}')
    with pytest.raises(cdns.Refused):
        cdns.Cloudflare({"url": server.url, "zone": "z1", "token": "x"}).purge(["s"])


def test_every_varnish_is_told(server):
    cdns.Varnish({"url": f"{server.url} {server.url}/second", "token": "sesame"}).purge(["s", "x"])
    assert [(one[0], one[1]) for one in server.asked] == [("PURGE", "/"), ("PURGE", "/second/")]
    told = {name.lower(): value for name, value in server.asked[0][2].items()}
    assert (told["xkey-purge"], told["x-purge-token"]) == ("s x", "sesame")


@pytest.mark.parametrize("status", [302, 403, 500])
def test_an_answer_that_is_no_success_is_an_error_and_leads_nowhere(server, status):
    server.answers = (status, b"")
    with pytest.raises(HTTPError) as found:
        cdns.Fastly({"url": server.url, "service": "abc", "token": "sesame"}).purge(["s"])
    assert len(server.asked) == 1
    assert cdns.in_words(found.value) == f"it answered {status}"
