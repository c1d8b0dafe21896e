"""What went wrong with an address, as Markdown."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext

from ..errors import suggestions
from .document import Document, to_page
from .listings import ways_on


def write_error(request: HttpRequest, status: int) -> str:
    """As the page of the same status: what was perhaps meant, and ways on."""
    if status == 400:
        document = Document(gettext("This address can't be read"))
        document.text(gettext("Something in it is not as any page of this site would have written it."))
    else:
        document = Document(gettext("There is nothing at this address"))
        document.text(gettext("Either it never led anywhere, or what was here has been withdrawn."))
        if nearest := suggestions(request):
            document.heading(2, gettext("Perhaps you meant"))
            document.items(to_page(one.title, one.url) for one in nearest)
    document.items(ways_on())
    return str(document)
