from django.db import models
from django.db.models import F, Q


class RelatedPost(models.Model):
    """A post to read after another. Editors name some by hand (`curated`); the others follow from what both share and
    are written anew on save. Readers are shown only those that are live."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="related_posts")
    other = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="related_from")
    position = models.PositiveSmallIntegerField(default=0)
    curated = models.BooleanField(default=False)

    class Meta:
        ordering = ["-curated", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "other", "curated"], name="relatedpost_once"),
            models.CheckConstraint(name="relatedpost_not_itself", condition=~Q(post=F("other"))),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} after {self.post_id}"
