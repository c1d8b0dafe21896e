"""What made a backup: versions, the code to the last byte, and settings without secrets."""

from __future__ import annotations

import hashlib
import platform
import tomllib
from pathlib import Path
from typing import Any

import django
from django.conf import settings

ROOMS = ("blog", "config", "templates", "static")
TOLD = (
    "SITE_URL", "BLOG_NAME", "BLOG_TAGLINE", "LANGUAGE_CODE", "TIME_ZONE", "ALLOWED_HOSTS", "AGE_NOTICE_YEARS",
    "PUBLISH_CHECKS", "CHECK_LINKS", "KEEP_MISSED_SEARCHES", "DATABASE_POOL", "HSTS_INCLUDE_SUBDOMAINS", "DEBUG",
)  # fmt: skip
"""An open list, so that a secret that comes to be is left out until somebody has thought about it."""


def versions() -> dict[str, Any]:
    """Of all but PostgreSQL."""
    return {
        "stratum": stratum(),
        "code": code(),
        "django": django.get_version(),
        "python": platform.python_version(),
    }


def stratum() -> str:
    with (Path(settings.BASE_DIR) / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def code() -> str:
    """A checksum of all that pages are made by; the same on two machines with the same release."""
    digest = hashlib.sha256(django.get_version().encode())
    root = Path(settings.BASE_DIR)
    for room in ROOMS:
        for file in sorted((root / room).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{file.relative_to(root)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def told_settings() -> dict[str, Any]:
    """Settings that whoever restores the site elsewhere wants to know, by the names of their variables."""
    names = {"HSTS_INCLUDE_SUBDOMAINS": "SECURE_HSTS_INCLUDE_SUBDOMAINS"}
    return {name: getattr(settings, names.get(name, name), None) for name in TOLD}
