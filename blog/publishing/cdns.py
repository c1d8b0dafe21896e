"""How each CDN is told to forget pages by their keys. Nothing of what is sent is ever logged: it bears credentials."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

PATIENCE = 10
"""Seconds that a CDN has for an answer."""


class Refused(OSError):
    """The CDN has answered, and not done it."""


class Unmoved(HTTPRedirectHandler):
    """Credentials go where the operator has said, and nowhere else."""

    def redirect_request(self, *told: Any) -> None:
        return None


class Cdn:
    """`most` keys at once are what its interface takes."""

    most = 1

    def __init__(self, options: dict[str, str]) -> None:
        self.options = options

    def purge(self, keys: Sequence[str]) -> None:
        """Raises OSError when the CDN is away or will not."""
        for n in range(0, len(keys), self.most):
            for request in self.requests(keys[n : n + self.most]):
                with build_opener(Unmoved).open(request, timeout=PATIENCE) as answer:
                    self.judge(answer.read(100_000))

    def requests(self, keys: Sequence[str]) -> Iterator[Request]:
        raise NotImplementedError

    def judge(self, body: bytes) -> None:
        """Raises Refused for an answer that says no in spite of its status."""


class Fastly(Cdn):
    """https://www.fastly.com/documentation/reference/api/purging/ · POST /service/ID/purge, 256 keys at most."""

    most = 256

    def requests(self, keys: Sequence[str]) -> Iterator[Request]:
        yield Request(  # noqa: S310 - the settings allow http and https alone
            f"{self.options['url']}/service/{self.options['service']}/purge",
            data=json.dumps({"surrogate_keys": list(keys)}).encode(),
            headers={
                "Fastly-Key": self.options["token"],
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            method="POST",
        )


class Cloudflare(Cdn):
    """https://developers.cloudflare.com/api/resources/cache/methods/purge/ · POST /zones/ID/purge_cache. Of tags all
    plans take 30 in one request."""

    most = 30

    def requests(self, keys: Sequence[str]) -> Iterator[Request]:
        yield Request(  # noqa: S310 - the settings allow http and https alone
            f"{self.options['url']}/zones/{self.options['zone']}/purge_cache",
            data=json.dumps({"tags": list(keys)}).encode(),
            headers={
                "Authorization": f"Bearer {self.options['token']}",
                "Content-Type": "application/json",
            },
            method="POST",
        )

    def judge(self, body: bytes) -> None:
        try:
            done = json.loads(body).get("success") is True
        except (ValueError, AttributeError):
            done = False
        if not done:
            raise Refused("it did not say that it has done so")


class Varnish(Cdn):
    """https://github.com/varnish/varnish-modules/blob/master/src/vmod_xkey.vcc · PURGE with the keys in `xkey-purge`,
    as OPERATING.md's VCL reads it; every server is told."""

    most = 200

    def requests(self, keys: Sequence[str]) -> Iterator[Request]:
        for server in self.options["url"].split():
            headers = {"xkey-purge": " ".join(keys)}
            if self.options.get("token"):
                headers["X-Purge-Token"] = self.options["token"]
            yield Request(f"{server}/", headers=headers, method="PURGE")  # noqa: S310 - as above


CDNS: dict[str, type[Cdn]] = {"fastly": Fastly, "cloudflare": Cloudflare, "varnish": Varnish}


def chosen() -> Cdn:
    return CDNS[settings.CDN](settings.CDN_OPTIONS)


def in_words(trouble: OSError) -> str:
    """What went wrong, without addresses or credentials."""
    return f"it answered {trouble.code}" if isinstance(trouble, HTTPError) else type(trouble).__name__
