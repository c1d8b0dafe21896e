"""The second factor: codes of an app on a phone (TOTP, RFC 6238, by django-otp) beside the password, and recovery codes
for when the phone is lost.

django-otp's own recovery codes lie in the database as they are; these lie there hashed, so that they are ours.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.crypto import salted_hmac

from blog.models import RecoveryCode

from . import audit, sessions

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
CODE_LENGTH = 16
"""Letters of a recovery code: 79 bits, so that a fast hash of it is enough."""


def available() -> bool:
    """Whether the package is installed that knows the codes of apps (extra `otp`)."""
    return apps.is_installed("django_otp.plugins.otp_totp")


def enrolled(user: Any) -> bool:
    """Whether the account has a second factor. One query."""
    return RecoveryCode.objects.filter(user=user.pk).exists()


def required(user: Any) -> bool:
    """Whether REQUIRE_SECOND_FACTOR says that the account must have one: `publishers` are those who may publish, and
    those who could let themselves."""
    if settings.REQUIRE_SECOND_FACTOR == "all":
        return True
    return settings.REQUIRE_SECOND_FACTOR == "publishers" and (
        user.is_superuser or user.has_perm("blog.publish_post") or user.has_perm("auth.change_user")
    )


def fresh_key() -> str:
    """160 random bits, as RFC 4226 recommends, in hexadecimal."""
    return secrets.token_hex(20)


def uri(user: Any, key: str) -> str:
    """What an app reads from a QR code: https://github.com/google/google-authenticator/wiki/Key-Uri-Format."""
    return _devices().model(user=user, key=key).config_url


@transaction.atomic
def enrol(user: Any, *, key: str, code: str, at: datetime) -> list[str]:
    """Gives the account this key in place of a former one, if `code` proves that an app has it; returns the recovery
    codes, which nobody is shown again, or nothing when the code is not the key's."""
    get_user_model()._default_manager.select_for_update().get(pk=user.pk)
    device = _devices().model(user=user, key=key, name="app")
    device.save()
    if not device.verify_token(_letters(code)):
        device.delete()
        return []
    _devices().filter(user=user.pk).exclude(pk=device.pk).delete()
    audit.record("second_factor.enrolled", user, by=user, at=at)
    return _renew(user)


@transaction.atomic
def renew_codes(user: Any, *, at: datetime) -> list[str]:
    """Makes new recovery codes; the former ones are void."""
    audit.record("second_factor.codes_renewed", user, by=user, at=at)
    return _renew(user)


@transaction.atomic
def verify(user: Any, code: str, *, at: datetime) -> str:
    """Takes a code of the app or a recovery code, each once: returns `app` or `recovery`, or "" when it is neither."""
    letters = _letters(code)
    if len(letters) == 6 and letters.isdecimal() and available():
        # Locked, so that of two at once with the same code one is refused.
        devices = _devices().select_for_update().filter(user=user.pk, confirmed=True).order_by("pk")
        return "app" if any(device.verify_token(letters) for device in devices) else ""
    unused = RecoveryCode.objects.filter(user=user.pk, digest=_digest(user, letters), used_at=None)
    return "recovery" if unused.update(used_at=at) else ""


@transaction.atomic
def remove(user: Any, *, by: Any, at: datetime) -> bool:
    """Takes the second factor from the account and ends its sessions; whether it had one."""
    had = enrolled(user)
    if available():
        _devices().filter(user=user.pk).delete()
    RecoveryCode.objects.filter(user=user.pk).delete()
    if had:
        audit.record("second_factor.removed", user, by=by, at=at)
        sessions.end(user)
    return had


def codes_left(user: Any) -> int:
    return RecoveryCode.objects.filter(user=user.pk, used_at=None).count()


def _renew(user: Any) -> list[str]:
    RecoveryCode.objects.filter(user=user.pk).delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return ["-".join(code[n : n + 4] for n in range(0, CODE_LENGTH, 4)) for code in codes]


def _letters(code: str) -> str:
    """The code without what people type for the eye."""
    plain = unicodedata.normalize("NFKC", code[:100]).lower()
    return "".join(letter for letter in plain if letter.isalnum())


def _digest(user: Any, plain: str) -> str:
    return salted_hmac("blog.recovery_code", f"{user.pk}:{plain}", algorithm="sha256").hexdigest()


def _devices() -> Any:
    model: Any = apps.get_model("otp_totp", "TOTPDevice")
    return model.objects
