"""Asking another site's server whether an address still answers, without becoming a way into our own network.

Editors write addresses, and this process asks for them from within. So every address that a name resolves to is judged
before a connection is made, the connection goes to that very address and not to the name again, and each redirect is
judged anew (CWE-918; OWASP's cheat sheet on server-side request forgery). Proxies named in the environment are ignored.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

from django.utils.translation import gettext as _

TIMEOUT = 10.0  # seconds for all of one question, redirects included
REDIRECTS = 5
MOST = 65_536  # bytes of an answer that are read, where a server answers nothing but whole pages
PORTS = {"http": 80, "https": 443}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
REDIRECTING = frozenset({301, 302, 303, 307, 308})
NOT_BY_HEAD = frozenset({400, 403, 404, 405, 406, 500, 501, 503})  # some servers answer these to HEAD alone

Resolve = Callable[[str, int], list[str]]


class Refused(Exception):
    """The address must not be asked for; the message is a sentence for the editor."""


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is None where nothing did, `note` is a sentence, `url` where the redirects led."""

    status: int | None
    note: str
    url: str = ""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver gives them. Raises OSError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public network. One that carries another inside is judged by that."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


@dataclass(frozen=True)
class Guard:
    """What may be asked. `also` are (IP address, port) pairs that are allowed beside the public network: none, but for
    tests, whose servers are on this machine."""

    also: frozenset[tuple[str, int]] = frozenset()
    resolve: Resolve = field(default=resolve)

    def admit(self, url: str) -> tuple[str, str, int, str, list[str]]:
        """(scheme, host, port, what to ask for, addresses to connect to) of a URL.

        Raises:
            Refused: it is none of http and https, has another port than theirs or a password, or leads inside.
            OSError: the host has no address.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise Refused(_("the address can't be read.")) from None
        if parts.scheme not in PORTS or not host:
            raise Refused(_("only http and https addresses are asked for."))
        if parts.username or parts.password:
            raise Refused(_("an address with a password in it is not asked for."))
        port = port or PORTS[parts.scheme]
        try:
            name = host if ":" in host else host.encode("idna").decode("ascii")
        except UnicodeError:
            raise Refused(_("the host's name can't be written as a domain.")) from None
        found = self.resolve(name, port)
        if not all(is_public(address) or (address, port) in self.also for address in found):
            raise Refused(_("the address leads into a private network."))
        if port not in PORTS.values() and not any((address, port) in self.also for address in found):
            raise Refused(_("only the ports 80 and 443 are asked."))
        target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        if parts.query:
            target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
        return parts.scheme, name, port, target, found


def ask(url: str, *, agent: str, guard: Guard | None = None, timeout: float = TIMEOUT) -> Answer:
    """What the address answers to HEAD, and to GET where a server may not know HEAD. A server can't make it raise.

    `agent` says who asks; `timeout` is in seconds for everything together.
    """
    guard = guard or Guard()
    until = time.monotonic() + timeout
    answer, here = Answer(None, _("it was redirected too often.")), url
    for _hop in range(REDIRECTS + 1):
        try:
            status, onward = _ask_once(here, agent, guard, until)
        except Refused as refusal:
            return Answer(None, str(refusal), here)
        except ssl.SSLCertVerificationError as error:
            return Answer(
                None,
                _("its certificate is not valid ({reason}).").format(reason=error.verify_message),
                here,
            )
        except TimeoutError:
            return Answer(
                None, _("nothing came within {number} seconds.").format(number=round(timeout)), here
            )
        except socket.gaierror:
            return Answer(None, _("its host has no address any more."), here)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if time.monotonic() >= until:
                return Answer(
                    None, _("nothing came within {number} seconds.").format(number=round(timeout)), here
                )
            return Answer(None, _("no connection ({reason}).").format(reason=_in_words(error)), here)
        if status in REDIRECTING and onward:
            here = urljoin(here, onward)
            continue
        words = http.client.responses.get(status, "")
        return Answer(
            status,
            _("it answers {status}.").format(status=f"{status} ({words})" if words else status),
            here,
        )
    return answer


def _ask_once(url: str, agent: str, guard: Guard, until: float) -> tuple[int, str]:
    """(status, Location) of one address, without following it."""
    admitted = guard.admit(url)
    status, onward = _request("HEAD", admitted, agent, until)
    if status in NOT_BY_HEAD:
        status, onward = _request("GET", admitted, agent, until)
    return status, onward


def _request(
    method: str, admitted: tuple[str, str, int, str, list[str]], agent: str, until: float
) -> tuple[int, str]:
    scheme, host, port, target, addresses = admitted
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line = socket.create_connection((addresses[0], port), timeout=left)
    # A server that sends a byte now and then would never run into the timeout of a single read.
    clock = threading.Timer(max(0.0, until - time.monotonic()), _cut, [line])
    clock.daemon = True
    clock.start()
    try:
        if scheme == "https":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        connection = http.client.HTTPConnection(host, port, timeout=left)
        connection.sock = line
        named = f"[{host}]" if ":" in host else host
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", named if port == PORTS[scheme] else f"{named}:{port}")
        connection.putheader("User-Agent", agent)
        connection.putheader("Accept", "text/html,*/*;q=0.8")
        connection.putheader("Accept-Encoding", "identity")
        if method == "GET":
            connection.putheader("Range", f"bytes=0-{MOST - 1}")
        connection.putheader("Connection", "close")
        connection.endheaders()
        response = connection.getresponse()
        if method == "GET":
            response.read(MOST)
        status = 200 if response.status in {206, 416} else response.status
        return status, response.getheader("Location") or ""
    finally:
        clock.cancel()
        with suppress(OSError):
            line.close()


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _in_words(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()[:100]
