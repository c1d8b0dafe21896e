from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """A notable change of a post that readers had seen, told in a sentence and shown on its page."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="changes")
    made_at = models.DateTimeField()
    sentence = models.CharField(
        max_length=300, help_text=_("What is different now, in a sentence for readers.")
    )

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [models.CheckConstraint(name="change_says_what", condition=~Q(sentence=""))]

    def __str__(self) -> str:
        return self.sentence
