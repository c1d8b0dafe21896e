from typing import Any

from django.apps import AppConfig
from django.contrib.admin import AdminSite
from django.contrib.admin import apps as stock
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy


class BlogConfig(AppConfig):
    default = True
    name = "blog"
    verbose_name = gettext_lazy("Blog")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Raises rules.BadChecks: the environment names publish rules that there are not."""
        from .operating import readiness
        from .publishing import misses, rules

        rules.validate()
        misses.listen()
        readiness.listen()


class Desk(AdminSite):
    """The editor's desk. It stands here since whatever imports `blog.admin` asks for the site that it is."""

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        from .admin import dashboard

        return super().index(request, dashboard.context(request) | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        from .admin import second_factor

        return [*second_factor.urls(), *super().get_urls()]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        from .admin import choosing

        answers: Any = choosing.Answers.as_view(admin_site=self)
        return answers(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        from .admin import letting_in

        return letting_in.log_in(super(), request, extra_context)


class DeskConfig(stock.AdminConfig):
    """The stock admin, with a first page of ours."""

    default = False
    default_site = "blog.apps.Desk"
