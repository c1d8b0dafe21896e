"""Uploaded pictures. Their names are made from their content, so that a cache may keep them for ever."""

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.db import Error
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_etags

from blog.models.files import is_withheld
from blog.models.preview_link import is_lent

KINDS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
# A drawing is a document where a browser opens it by itself: there it may show its own colours, and do nothing at all.
LOCKED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

FOR_EVER = "public, max-age=31536000, immutable"
FOR_EDITORS = "private, no-cache"


def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the media storage, as an image and nothing else. 404 for whatever is not one, and, to all but editors,
    for a picture of posts that are not public, unless the address has the pass of a preview link."""
    ending = f".{path.rsplit('.', 1)[-1]}".lower()
    if ending not in KINDS:
        raise Http404
    keep = FOR_EVER
    if withheld(path):
        if not (request.user.is_staff or lent(request, path)):
            raise Http404
        keep = FOR_EDITORS
    tag = f'"{path.rsplit("/", 1)[-1]}"'
    try:
        file = default_storage.open(path)
    except ConnectionError:
        return HttpResponse(status=503, headers={"Retry-After": "5", "Cache-Control": "no-store"})
    except (OSError, ValueError, SuspiciousFileOperation):
        raise Http404 from None
    # A proxy that compresses turns the tag into a weak one.
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if {tag, f"W/{tag}", "*"}.intersection(known):
        file.close()
        return locked(HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": keep}), ending)
    response = FileResponse(file, content_type=KINDS[ending])
    response["Cache-Control"] = keep
    response["ETag"] = tag
    # Feed readers show pictures on pages of their own.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return locked(response, ending)


def locked(response: HttpResponseBase, ending: str) -> HttpResponseBase:
    """With the policy of its own that a drawing has; also where a cache is told that nothing changed, for it takes over
    the headers."""
    if ending == ".svg":
        response["Content-Security-Policy"] = LOCKED
        response["X-Content-Type-Options"] = "nosniff"
    return response


def lent(request: HttpRequest, path: str) -> bool:
    """Whether the address says that a preview link shows this picture, and the link is open."""
    given = request.GET.get("preview", "")
    try:
        return bool(given) and is_lent(path, given, at=timezone.now())
    except Error:
        return False


def withheld(path: str) -> bool:
    """`is_withheld` now. While the database is away, nothing is: names are made from content, so that nobody guesses
    one, and the pictures of public posts go on being served."""
    try:
        return is_withheld(path, at=timezone.now())
    except Error:
        return False
