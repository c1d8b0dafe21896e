from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .figure import Figure, Placement, Rendition
from .figure_version import FigureVersion
from .working_copy import WorkingCopy

TOKEN_BYTES = 32
# How a text places a figure: by its key, or as a diagram with one.
PLACED = re.compile(r"""(?:!\[[^\]\n]{0,500}\]\(figure:|\bkey=["']?)([a-z0-9-]{1,80})""")
PICTURES = "blog.preview-link.pictures"  # salt: a signature for pictures opens nothing else


def digest(token: str) -> str:
    """SHA-256 of a token, hex: all that is stored of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def open(self, at: datetime) -> PreviewLinkQuerySet:
        """Those that lead somewhere at the instant `at` (aware)."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at, post__trashed_at__isnull=True)

    def by_token(self, token: str, at: datetime) -> PreviewLink | None:
        """The open link with this token. The look-up is by digest, so its time tells nothing of any token."""
        wanted = digest(token)
        found = self.open(at).filter(token_digest=wanted).select_related("revision").first()
        return found if found and constant_time_compare(found.token_digest, wanted) else None


class PreviewLink(models.Model):
    """An address under which people without an account read a post that is not public: its newest saved words, or a
    revision that stays as it was. Whoever knows the token may read, until it expires or is revoked."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="preview_links")
    revision = models.ForeignKey(
        "blog.Revision", on_delete=models.CASCADE, null=True, related_name="+",
        help_text=gettext_lazy("What it shows; empty: the newest that was saved."),
    )  # fmt: skip
    unsaved = models.BooleanField(
        default=False, db_default=False,
        help_text=gettext_lazy(
            "It shows what its maker has typed and not saved yet, as long as there is such a thing."
        ),
    )  # fmt: skip
    token_digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=100, blank=True, help_text=gettext_lazy("For whom it was made."))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    views = models.PositiveBigIntegerField(default=0)
    last_viewed_at = models.DateTimeField(null=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="previewlink_expires_later", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="previewlink_shows_one_thing", condition=Q(revision__isnull=True) | Q(unsaved=False)
            ),
        ]

    def __str__(self) -> str:
        return _("preview of post {post_id}").format(post_id=self.post_id)

    @classmethod
    def make(cls, **given: Any) -> tuple[PreviewLink, str]:
        """A saved link and its token, which exists nowhere else."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        return cls.objects.create(token_digest=digest(token), **given), token

    def is_open(self, at: datetime) -> bool:
        """The twin of `PreviewLinkQuerySet.open` for this row of a post that is not in the trash."""
        return self.revoked_at is None and self.expires_at > at

    def pictures_pass(self) -> str:
        """What the addresses of its post's pictures say, so that those open too: signed, and worth nothing once the
        link is closed."""
        return signing.Signer(salt=PICTURES).sign(str(self.pk))


def is_lent(name: str, given: str, *, at: datetime) -> bool:
    """Whether `given`, a `pictures_pass`, opens the file `name` of the media storage at `at`: its link is open, and the
    file belongs to a figure that the link's post shows. Three queries, none for a pass that was not given out."""
    try:
        pk = int(signing.Signer(salt=PICTURES).unsign(given[:200]))
    except (signing.BadSignature, ValueError):
        return False
    link = PreviewLink.objects.open(at).filter(pk=pk).select_related("post__draft", "revision").first()
    if link is None:
        return False
    placed = Placement.objects.filter(post=link.post_id).values("figure")
    shown = Q(pk__in=placed)
    if link.post.lead_figure_id:
        shown |= Q(pk=link.post.lead_figure_id)
    for content in _contents(link):
        if content.get("lead_figure"):
            shown |= Q(pk=content["lead_figure"])
        shown |= Q(slug__in=[*(content.get("figures") or {}), *PLACED.findall(content.get("body") or "")])
    file = Q(image=name) | Q(dark_image=name) | Q(pk__in=Rendition.objects.filter(file=name).values("figure"))
    if link.revision:  # a version as it is shows the file that a figure had then
        file |= Q(pk__in=FigureVersion.objects.filter(image=name, kind="former").values("figure"))
    return Figure.objects.filter(shown).filter(file).exists()


def _contents(link: PreviewLink) -> list[dict[str, Any]]:
    """The words that the link may show beside those of the row."""
    found = [one.content for one in (link.revision or link.post.draft,) if one]
    if link.unsaved:
        copy = WorkingCopy.objects.filter(
            post=link.post_id, user=link.created_by_id, discarded_at=None
        ).first()
        if copy and copy.form:
            found.append({"body": "".join(copy.form.get("body", []))})
    return found
