from django.conf import settings
from django.db import models


class RecoveryCode(models.Model):
    """A code that stands in once for the second factor of an account; the database has its keyed hash alone.

    An account has a second factor exactly if it has such rows, used ones included: they say so even where the package
    that knows the other codes is not installed.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recoverycode_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {'used' if self.used_at else 'unused'}"
