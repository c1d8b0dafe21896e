from django.db import models


class LoginDelay(models.Model):
    """How often logins have failed of late in one slot, and until when none is judged there; `publishing.logins`
    decides.

    A slot stands for an account, a network, both together or a known browser, by a keyed hash: nothing that was typed
    is kept, and there are so few slots that the table cannot be filled.
    """

    slot = models.BigIntegerField(primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(help_text="Of the latest failure.")
    until = models.DateTimeField(help_text="Before that instant no login is judged.")

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="logindelay_oldest")]

    def __str__(self) -> str:
        return f"{self.slot}: {self.failures} until {self.until:%Y-%m-%d %H:%M:%S}"
