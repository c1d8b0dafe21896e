"""The site's own settings, but for what would only make the tests slow."""

import os
import sys
from pathlib import Path

# Tests start hundreds of Python processes. Where the environment forbids to keep what is compiled, each would compile the
# whole site, which takes a third of its start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Read before any conftest.
if not os.environ.get("DATABASE_URL"):
    os.environ.setdefault("STRATUM_DATA", str(Path(__file__).resolve().parent.parent / "var" / "tests"))
    # Its data live as long as the tests; to wait for the disk would keep nothing that anybody wants.
    os.environ.setdefault(
        "STRATUM_PG_OPTIONS", "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    )
os.environ.setdefault("SECRET_KEY", "tests-only-" + "0" * 50)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# The test runner creates and drops databases, which a pool's idle connections would hinder.
DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
# No thread of its own: what it writes would outlive the test.
KEEP_MISSED_SEARCHES = False
WATCH_EVERY = 0
# Static files come from where they are written; nothing is collected.
STATIC_ROOT = ""
WHITENOISE_USE_FINDERS = True
# Each test's client loads the middleware anew, and would read all folders of static files for it.
WHITENOISE_AUTOREFRESH = True
