"""What every template knows: the publication's name, and the address that readers use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "blog_name": settings.BLOG_NAME,
        "blog_tagline": settings.BLOG_TAGLINE,
        "site_url": settings.SITE_URL,
        "site_language": settings.LANGUAGE_CODE,
    }
