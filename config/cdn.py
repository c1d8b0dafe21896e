"""The CDN before the site, as the environment names it."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured
from environs import Env

# What each asks for besides its name; the first part of a variable's name is the CDN's.
NEEDED = {"fastly": ("service", "token"), "cloudflare": ("zone", "token"), "varnish": ("url",)}
URLS = {"fastly": "https://api.fastly.com", "cloudflare": "https://api.cloudflare.com/client/v4"}


def options(env: Env, cdn: str) -> dict[str, str]:
    """How the CDN is told of changes; nothing where there is none. Raises ImproperlyConfigured in a sentence."""
    if not cdn:
        return {}
    if cdn not in NEEDED:
        raise ImproperlyConfigured("CDN is fastly, cloudflare or varnish, or nothing.")
    prefix = cdn.upper()
    found = {
        name: env.str(f"{prefix}_{name.upper()}", "").strip() for name in ("url", "service", "zone", "token")
    }
    if missing := [f"{prefix}_{name.upper()}" for name in NEEDED[cdn] if not found[name]]:
        raise ImproperlyConfigured(
            f"CDN={cdn} also needs {' and '.join(missing)}, to tell it what has changed."
        )
    servers = (found["url"] or URLS[cdn]).split()
    if not all(server.startswith(("http://", "https://")) for server in servers):
        raise ImproperlyConfigured(f"{prefix}_URL begins with https:// or http://.")
    if any(not value.isprintable() or " " in value for name, value in found.items() if name != "url"):
        raise ImproperlyConfigured(f"A setting of {prefix} has blanks or line ends in it.")
    return found | {"url": " ".join(server.rstrip("/") for server in servers)}
