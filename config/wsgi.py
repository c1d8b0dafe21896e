"""The WSGI door, for granian, gunicorn or any other server: the page cache, and Django behind it."""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application

from config.memory import share_arenas

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
share_arenas()

application: Any = get_wsgi_application()

from django.conf import settings  # noqa: E402 - only now are they there

from blog.operating import page_cache  # noqa: E402 - as above
from blog.pages.cache import numbers  # noqa: E402 - as above
from blog.pages.cache.disk import Disk  # noqa: E402 - as above
from blog.pages.cache.door import door  # noqa: E402 - as above
from blog.pages.cache.page_cache import PageCache  # noqa: E402 - as above
from config.patience import be_impatient  # noqa: E402 - as above

if settings.PAGE_CACHE_MB:
    be_impatient(settings.DATABASES["default"], pooler=bool(settings.DATABASE_DIRECT))
    disk = Disk(settings.DATA / "pages", settings.PAGE_COPIES_MB * 2**20)
    cache = PageCache(application, most=settings.PAGE_CACHE_MB * 2**20, disk=disk)
    application = door(cache)
    page_cache.report(
        page_cache.Reported(
            works=lambda: cache.watch.works, lag=lambda: cache.watch.lag, totals=numbers.totals
        )
    )
