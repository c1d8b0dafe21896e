"""Two doormen: one turns away input that PostgreSQL could not store, one knows where things have moved."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from blog.models import Address
from blog.models.address import TARGETS


class RefuseNul:
    """Answers 400 to a NUL in the path or the query: no text column can hold one, so no page can mean it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return self._refuse(request)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        from .errors import bad_request

        return bad_request(request, BadRequest("The address contains a NUL character."))


class MovedAddress:
    """Turns a 404 into a permanent redirect when the path is one that something public used to have.

    Asks the database only after a 404, so that no other request pays; a page that lives at the path always wins.
    """

    longest = 700

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != 404
            or request.method not in {"GET", "HEAD"}
            or len(request.path) > self.longest
        ):
            return response
        path = request.path if request.path.endswith("/") else f"{request.path}/"
        moved = Address.objects.select_related(*TARGETS).filter(path=path).first()
        if moved is None:
            return response
        url = moved.target.get_absolute_url()  # type: ignore[attr-defined]
        if url == request.path:
            return response  # it would lead to itself: what lives there is not public
        query = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)
