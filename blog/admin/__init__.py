"""The editor's doors: forms, lists, preview.

This room never holds a rule that an importer or a command would need too; such rules live in publishing.
"""

import taggit.admin
import taggit.models
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from . import (
    accounts,
    address,
    audit,
    author,
    category,
    figure,
    learning_path,
    letting_in,
    level,
    post,
    series,
    tag,
    undo,
)

__all__ = [
    "accounts",
    "address",
    "audit",
    "author",
    "category",
    "figure",
    "learning_path",
    "letting_in",
    "level",
    "post",
    "series",
    "tag",
    "undo",
]

# Our tags have a table and a form of their own; taggit's are never filled.
admin.site.unregister(taggit.models.Tag)
# Keys of apps are nobody's to look at; `second_factor` has pages of its own.
if apps.is_installed("django_otp.plugins.otp_totp"):
    from django_otp.plugins.otp_totp.admin import TOTPDevice

    admin.site.unregister(TOTPDevice)
admin.site.login_form = letting_in.LoginForm
admin.site.site_header = settings.BLOG_NAME
admin.site.site_title = format_lazy(_("{blog_name} editing"), blog_name=settings.BLOG_NAME)
admin.site.index_title = _("What would you like to work on?")
