"""The site's own settings, for servers that tests start: only static files are served from where they are written."""

from config.settings import *  # noqa: F403
from config.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT = ""
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
KEEP_MISSED_SEARCHES = False
