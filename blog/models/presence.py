from django.conf import settings
from django.db import models


class Presence(models.Model):
    """One opened form of a post. Its browser says every few seconds that it is still open; `until` is when that word
    loses its worth.

    The table is unlogged, keeps room on its pages and is tied to no other: a beat costs one small write in place, locks
    nothing else, and what a crash takes away is said anew within seconds.
    """

    post = models.ForeignKey(
        "blog.Post", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )  # fmt: skip
    tab = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField()
    idle = models.BooleanField(default=False, help_text="Open, but nothing was typed there for a while.")

    class Meta:
        ordering = ["since", "id"]
        constraints = [models.UniqueConstraint(fields=["post", "user", "tab"], name="presence_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.post_id}"
