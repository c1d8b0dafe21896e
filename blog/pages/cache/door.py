"""The WSGI application that stands before Django's: answers from memory what is there and true."""

from __future__ import annotations

import time
from collections.abc import Iterable

from django.conf import settings

from . import numbers
from .keys import CODINGS, FORMS, is_question
from .making import Application, Environ, Start, is_secure
from .page_cache import MARK, PageCache


def door(cache: PageCache) -> Application:
    """The application. A hit runs through these lines alone, which therefore ask for nothing twice: no lock, no object
    of Django's, and no header that is not there already."""
    freshness, answer = cache.freshness, cache.answer
    pages, questions, hosts = cache.store.pages.copies, cache.store.questions.copies, cache.hosts
    session = f"{settings.SESSION_COOKIE_NAME}="
    must_be_secure = settings.SECURE_SSL_REDIRECT
    now, hit, unchanged = time.monotonic, numbers.hits.add, numbers.unchanged.add

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        get = environ.get
        key, query, cookies = environ["PATH_INFO"], environ["QUERY_STRING"], get("HTTP_COOKIE")
        if (
            environ["REQUEST_METHOD"] != "GET"
            or get("HTTP_HOST") not in hosts
            or "HTTP_AUTHORIZATION" in environ
            or (cookies is not None and session in cookies)
            or (must_be_secure and not is_secure(environ))
        ):
            return answer(environ, start_response)
        shelf = pages
        if query:
            key = f"{key}?{query}"
            if is_question(query):
                shelf = questions
        if FORMS[get("HTTP_ACCEPT")]:
            key = MARK + key
        copy = shelf.get(key)
        if copy is None or copy.era is not freshness.era or now() >= freshness.until:
            return answer(environ, start_response)
        hit()
        copy.used = True
        coding = CODINGS[get("HTTP_ACCEPT_ENCODING")]
        coded = copy.codings[coding] or copy.coded(coding)
        known = get("HTTP_IF_NONE_MATCH")
        if known is None:
            since = get("HTTP_IF_MODIFIED_SINCE")
            if since is None or since != copy.last_modified:
                start_response("200 OK", coded.headers)
                return coded.body
        elif coded.tag not in known and known != "*":
            start_response("200 OK", coded.headers)
            return coded.body
        unchanged()
        start_response("304 Not Modified", coded.unchanged)
        return []

    return application
