"""Fixtures of all tests. PostgreSQL is always a real one: DATABASE_URL's, or the embedded server with data of its own."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("STRATUM_DATA", str(Path(__file__).resolve().parent.parent / "var" / "tests"))
os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 50)


@pytest.fixture(autouse=True)
def storage_of_its_own(settings, tmp_path):
    """No test sees another's uploads, and none writes below the data folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "originals": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "originals", "base_url": None},
        }
    }


@pytest.fixture
def now():
    """The instant at which tests take place; nothing below a view reads the clock."""
    return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
