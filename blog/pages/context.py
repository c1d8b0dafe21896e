"""What every template knows: the publication's name, the address that readers use, and which page it is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "here": match.url_name if match else None,
        "blog_name": settings.BLOG_NAME,
        "blog_tagline": settings.BLOG_TAGLINE,
        "site_url": settings.SITE_URL,
        "site_language": settings.LANGUAGE_CODE,
    }
