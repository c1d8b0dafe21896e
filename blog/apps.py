from django.apps import AppConfig


class BlogConfig(AppConfig):
    name = "blog"
    verbose_name = "Blog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Raises rules.BadChecks: the environment names publish rules that there are not."""
        from .publishing import rules

        rules.validate()
