"""All settings, in reading order. Values come from the environment; README and OPERATING name each variable."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from config import cdn, local_postgres, logs, secret
from config.embedded import binaries

env = Env()

# --- Where things are -------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = Path(env.str("STRATUM_DATA", "") or BASE_DIR / "var").absolute()

# --- Identity ---------------------------------------------------------------------------------------------------

BLOG_NAME = env.str("BLOG_NAME", "Stratum")
BLOG_TAGLINE = env.str("BLOG_TAGLINE", "Architecture, layer by layer")
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en")
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_I18N = True
# The languages of the interface. Another LANGUAGE_CODE is allowed: dates and numbers follow it, and what its catalogue
# does not have is English.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ja", "日本語")]
if LANGUAGE_CODE not in dict(LANGUAGES):
    LANGUAGES.append((LANGUAGE_CODE, LANGUAGE_CODE))
LOCALE_PATHS = [BASE_DIR / "blog" / "locale"]
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

# What publish rules weigh, where it is not what they say themselves: "small-figure=block,short-summary=off".
PUBLISH_CHECKS: list[str] = env.list("PUBLISH_CHECKS", [])
# Whether the worker asks the addresses that published posts link to whether they still answer.
CHECK_LINKS = env.bool("CHECK_LINKS", False)

# After how many years a post that was not changed since says that it is old; 0: never.
AGE_NOTICE_YEARS = max(0, env.int("AGE_NOTICE_YEARS", 3))

# --- Safety -----------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
DATABASE_URL = env.str("DATABASE_URL", "")
EMBEDDED_DATABASE = not DATABASE_URL

SECRET_KEY = env.str("SECRET_KEY", "") or secret.secret_key(DATA, create=EMBEDDED_DATABASE) or ""
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. DATABASE_URL names a real server, so the key must come from the environment: "
        "set SECRET_KEY to at least 50 random characters and keep it."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []
SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
    r"^metrics$",
]  # supervisors ask the process itself, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of the operator's own each add an address to X-Forwarded-For; what lies beyond is the client's say.
TRUSTED_PROXIES = max(0, env.int("TRUSTED_PROXIES", int(BEHIND_PROXY)))
# Whether other hosts below the domain speak https is the operator's to say, not a mistake.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
CSRF_FAILURE_VIEW = "blog.pages.errors.csrf_failure"

# A session ends when nobody has used it for so long, and in any case after so many days.
SESSION_COOKIE_AGE = max(1, env.int("SESSION_IDLE_HOURS", 24)) * 3_600
SESSION_DAYS = max(1, env.int("SESSION_DAYS", 14))
if SECURE:
    # Browsers take such cookies from this very host alone, and over https alone.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"

# Codes of an app beside the password, where django-otp is installed (extra `otp`). Failed codes are slowed down like
# failed passwords: the package's own way would let strangers lock an owner out.
SECOND_FACTOR = find_spec("django_otp") is not None and find_spec("segno") is not None
OTP_TOTP_ISSUER = BLOG_NAME
OTP_TOTP_THROTTLE_FACTOR = 0
REQUIRE_SECOND_FACTOR = env.str("REQUIRE_SECOND_FACTOR", "none")
if REQUIRE_SECOND_FACTOR not in {"none", "publishers", "all"}:
    raise ImproperlyConfigured("REQUIRE_SECOND_FACTOR is none, publishers or all.")
if REQUIRE_SECOND_FACTOR != "none" and not SECOND_FACTOR:
    raise ImproperlyConfigured(
        "REQUIRE_SECOND_FACTOR asks for django-otp and segno, which are not installed: "
        "pip install --require-hashes -r requirements-otp.txt"
    )

# One policy for readers and editors alike; the stock admin needs nothing weaker.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Apps and middleware ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "blog",
    "blog.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "taggit",
    "csp",
    "django_tasks",
    "django_tasks_db",
    *(["django_otp", "django_otp.plugins.otp_totp"] if SECOND_FACTOR else []),
]

MIDDLEWARE = [
    "config.logs.Numbered",
    "blog.operating.metrics.Meter",
    "config.headers.PolicyHeaders",
    "blog.pages.cache.labels.Labels",
    "config.headers.ContentPolicy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.headers.GZipPages",
    "blog.pages.away.Away",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "blog.admin.standing.Standing",
    "blog.operating.timing.ServerTiming",
    "blog.admin.zones.EditorsZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "blog.pages.middleware.RefuseNul",
    "blog.pages.alternates.middleware.Alternates",
    "blog.pages.middleware.MovedAddress",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.pages.context.site",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = ["blog.admin.backend.Accounts"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Database ---------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]]
if EMBEDDED_DATABASE:
    DATABASES = {
        "default": {
            "ENGINE": "config.embedded",
            "NAME": "stratum",
            "USER": local_postgres.APP_ROLE,
            "HOST": str(local_postgres.socket_dir(DATA)),
        }
    }
else:
    DATABASES = {"default": dict(env.dj_db_url("DATABASE_URL"))}
    if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL server, like postgres://user:password@host:5432/name."
        )
    DATABASES["default"]["ENGINE"] = "config.postgresql"

# The server itself, where DATABASE_URL names a PgBouncer before it: for what belongs to a session, that is migrations,
# backups, advisory locks and notifications. `blog/models/direct.py` opens such connections.
DATABASE_DIRECT_URL = env.str("DATABASE_DIRECT_URL", "")
DATABASE_DIRECT: dict[str, Any] = dict(env.dj_db_url("DATABASE_DIRECT_URL")) if DATABASE_DIRECT_URL else {}
if DATABASE_DIRECT and not DATABASE_DIRECT["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured("DATABASE_DIRECT_URL must name the PostgreSQL server behind DATABASE_URL.")
if DATABASE_DIRECT and EMBEDDED_DATABASE:
    raise ImproperlyConfigured(
        "DATABASE_DIRECT_URL names the server behind a DATABASE_URL, which is not set."
    )

# The pool bounds the connections of a process; at 0 each thread keeps one for a minute instead. Either way a
# connection is looked at before a request relies on it: a killed server costs a reconnect, no error page.
# Behind PgBouncer there is no second pool: an idle connection to it costs next to nothing.
DATABASE_POOL = env.int("DATABASE_POOL", 0 if DATABASE_DIRECT else 8)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A cursor that the server keeps would be on another connection at the next statement, and so would what is prepared.
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = bool(DATABASE_DIRECT)
# What readers' pages ask is planned once for each connection, whatever the values: to plan all that surrounds a post
# takes four times as long as to find it. PostgreSQL by itself would plan anew where it takes an average for worse.
DATABASE_PREPARED = env.bool("DATABASE_PREPARED", not DATABASE_DIRECT)
DATABASE_OPTIONS: dict[str, Any] = DATABASES["default"].setdefault("OPTIONS", {})
if DATABASE_PREPARED:
    DATABASE_OPTIONS["options"] = (
        f"{DATABASE_OPTIONS.get('options', '')} -c plan_cache_mode=force_generic_plan".strip()
    )
if DATABASE_POOL:
    DATABASE_OPTIONS["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL,
        "timeout": 10,
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
# Finds pg_dump or pg_restore of a major version or the next newer one: (name, major) to path and major, or None.
POSTGRES_PROGRAM = binaries.client
# A streaming standby for readers who are not signed in, as long as it is no more than so many seconds behind.
DATABASE_REPLICA_URL = env.str("DATABASE_REPLICA_URL", "")
REPLICA_LAG = max(0.5, env.float("REPLICA_LAG", 5.0))
if DATABASE_REPLICA_URL:
    DATABASES["replica"] = dict(env.dj_db_url("DATABASE_REPLICA_URL"))
    if not DATABASES["replica"]["ENGINE"].endswith("postgresql"):
        raise ImproperlyConfigured(
            "DATABASE_REPLICA_URL must name a streaming standby of the server in DATABASE_URL."
        )
    # No pool: that would wait for a standby that is away, where the primary is to be asked at once.
    DATABASES["replica"] |= {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 2, **DATABASES["replica"].get("OPTIONS", {})},
        "TEST": {"MIRROR": "default"},
    }
    MIDDLEWARE.append("blog.pages.standby.FromStandby")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counts what readers search for in vain, by day and without anybody's name; a thread writes it.
KEEP_MISSED_SEARCHES = env.bool("KEEP_MISSED_SEARCHES", True)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Letters about reviews are written only where the operator says how: EMAIL_URL=smtp+tls://user:password@host:587/.
MAIL = bool(env.str("EMAIL_URL", ""))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", "stratum@localhost")
EMAIL_TIMEOUT = 20
if MAIL:
    _mail = env.dj_email_url("EMAIL_URL")
    EMAIL_BACKEND, EMAIL_FILE_PATH = _mail["EMAIL_BACKEND"], _mail["EMAIL_FILE_PATH"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail["EMAIL_USE_SSL"], _mail["EMAIL_USE_TLS"]
    if not env.str("MAIL_FROM", ""):
        raise ImproperlyConfigured("EMAIL_URL is set: say in MAIL_FROM whom the letters are from.")

# --- Files ------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "config.bundles.Bundles",
    "config.card.SiteCard",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_URL = "media/"
MEDIA_ROOT = DATA / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Uploads as they came, with all their metadata: kept, never served.
    "originals": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "originals", "base_url": None},
    },
    "staticfiles": {"BACKEND": "config.statics.HashedModules"},
}
# Pictures and uploads in a closed bucket instead, for sites of several machines; see config/bucket.py.
MEDIA_S3_BUCKET = env.str("MEDIA_S3_BUCKET", "")
if MEDIA_S3_BUCKET:
    if find_spec("storages") is None or find_spec("boto3") is None:
        raise ImproperlyConfigured(
            "MEDIA_S3_BUCKET asks for django-storages and boto3, which are not installed: "
            "pip install --no-deps --require-hashes -r requirements-s3.txt"
        )
    BUCKET = {
        "bucket_name": MEDIA_S3_BUCKET,
        "endpoint_url": env.str("MEDIA_S3_ENDPOINT", "") or None,
        "region_name": env.str("MEDIA_S3_REGION", "") or None,
        "access_key": env.str("MEDIA_S3_ACCESS_KEY", "") or None,
        "secret_key": env.str("MEDIA_S3_SECRET_KEY", "") or None,
    }
    for name, location in (("default", "media"), ("originals", "originals")):
        STORAGES[name] = {
            "BACKEND": "config.bucket.Bucket",
            "OPTIONS": {**BUCKET, "location": location, "served": name == "default"},
        }
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0
# Nothing names a file without its hash, and to pack each a second time takes a third of the first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# --- Page cache -------------------------------------------------------------------------------------------------

# Megabytes of readers' pages that each web process keeps; 0: none, as while templates are being written.
PAGE_CACHE_MB = max(0, env.int("PAGE_CACHE_MB", 0 if DEBUG else 48))
# Megabytes of copies on disk, for readers while the database is away and the web processes have begun anew.
PAGE_COPIES_MB = max(0, env.int("PAGE_COPIES_MB", 256))

# A CDN that keeps pages too, and is told by their keys when they change. Options hold credentials.
CDN = env.str("CDN", "")
CDN_OPTIONS = cdn.options(env, CDN)
if CDN:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("config.headers.GZipPages") + 1, "blog.pages.cache.surrogates.Surrogates"
    )

# --- Tags -------------------------------------------------------------------------------------------------------

TAGGIT_CASE_INSENSITIVE = True

# --- Logging ----------------------------------------------------------------------------------------------------

LOG_FORMAT = env.str("LOG_FORMAT", "line", validate=validate.OneOf(["line", "json"]))
LOGGING = logs.configuration(level=env.str("LOG_LEVEL", "WARNING"), form=LOG_FORMAT)

# How old the newest backup may be, in days; 0: nobody is to be woken for want of one.
BACKUP_DAYS = env.float("BACKUP_DAYS", 0.0)

# How often each process looks whether the site is sound, in seconds; 0: only when it is asked.
WATCH_EVERY = env.float("WATCH_EVERY", 15.0)
# Whoever names it may read /metrics and the details of /readyz; without one nobody may.
MONITOR_TOKEN = env.str("MONITOR_TOKEN", "")
