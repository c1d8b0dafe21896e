"""What all our admin pages share: long lists, clean text, and deletions that say what they would take along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget, AdminURLFieldWidget
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Func
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.models import Post
from blog.publishing import names

from .access import RefusesActions
from .audit import Audited
from .choosing import Choosing, possible_keys
from .moments import Moment, MomentWidget
from .paginator import FOUND, CappedPaginator

AT_ONCE = 500  # rows that one action takes
IN_USE_NOW = gettext_lazy("Nothing was deleted: it has come into use meanwhile.")
NAMED = 20  # posts that a refusal names; the others are counted


class Lines(forms.CharField):
    """Text as it will be stored: browsers send CR LF for a line break, which would make every form look changed."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


class LongChangeList(ChangeList):
    """A list whose date parameters may be anything."""

    def get_filters(self, request: HttpRequest) -> Any:
        """Raises IncorrectLookupParameters also for a year whose end can't be expressed."""
        try:
            return super().get_filters(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error


class BlogAdmin(Audited, Choosing, RefusesActions):
    """Refuses to delete what posts use, naming them, without reading more rows than it names."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    list_per_page = 50
    formfield_overrides = {
        models.DateTimeField: {"form_class": Moment, "widget": MomentWidget},
        models.TextField: {"form_class": Lines, "widget": AdminTextareaWidget(attrs={"dir": "auto"})},
        models.URLField: {"assume_scheme": "https", "widget": AdminURLFieldWidget},
    }

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Paginator:
        searched = bool(request.GET.get(SEARCH_VAR) or request.GET.get("term"))
        return self.paginator(*args, cap=FOUND if searched else None, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LongChangeList

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Values for the form from the address; those that no form could show are left out."""
        given = super().get_changeform_initial_data(request)
        return {name: value for name, value in given.items() if self._can_be_initial(name, value)}

    def _can_be_initial(self, name: str, value: Any) -> bool:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return False
        if isinstance(field, models.DateTimeField):
            return False
        keys = value if isinstance(value, list) else [value]
        return not field.is_relation or possible_keys(keys) == keys

    def posts_using(self, objs: Iterable[Any]) -> models.QuerySet[Post] | None:
        """The posts on whose account these rows must stay; None when nothing of that kind keeps them."""
        return None

    def other_users(self, objs: Iterable[Any]) -> list[str]:
        """What else keeps these rows, each as a line of HTML."""
        return []

    def goes_along(self, objs: Iterable[Any]) -> list[str]:
        """What the deletion takes along, in words."""
        return []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.delete()
        connection.check_constraints()  # else the database refuses only after the success has been told

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        queryset.delete()
        connection.check_constraints()

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """As Django's; what came into use since the question was asked is refused with a message."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except (models.ProtectedError, models.RestrictedError, IntegrityError):
            self.message_user(request, IN_USE_NOW, messages.ERROR)
            return HttpResponseRedirect(request.path)  # where those that use it are named

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any) -> HttpResponse | None:
        """As Django's; a deletion that the database refuses leaves neither an error nor an entry in the log."""
        if "delete_selected" not in request.POST.getlist("action"):
            return super().response_action(request, queryset, *args)
        try:
            with transaction.atomic():
                return super().response_action(request, queryset, *args)
        except (models.ProtectedError, models.RestrictedError, IntegrityError):
            self.message_user(request, IN_USE_NOW, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """As Django's, but for the rows that come along: those may be many, are told in words and never loaded."""
        if (
            isinstance(objs, models.QuerySet)
            and objs.order_by().values("pk")[: AT_ONCE + 1].count() > AT_ONCE
        ):
            return (
                [],
                {},
                set(),
                [_("There are more than {number} of them; choose fewer at once.").format(number=AT_ONCE)],
            )
        protected = self._named_posts(objs, request) + self.other_users(objs)
        lacking = {self.opts.verbose_name for obj in objs if not self.has_delete_permission(request, obj)}
        shown = [str(obj) for obj in objs[:NAMED]]
        if len(objs) > NAMED:
            shown.append(
                _("and {number} others").format(number=number_format(len(objs) - NAMED, force_grouping=True))
            )
        count = {self.opts.verbose_name_plural: len(objs)}
        return [*shown, *self.goes_along(objs)], count, lacking, protected

    def _named_posts(self, objs: Any, request: HttpRequest) -> list[str]:
        posts = self.posts_using(objs)
        if posts is None:
            return []
        posts = posts.order_by("-pk")
        named = [link_to(post) for post in posts.only("title")[:NAMED]]
        if len(named) == NAMED and (others := posts.order_by().count() - NAMED) > 0:
            named.append(_("and {number} others").format(number=number_format(others, force_grouping=True)))
        return named


class AddressKeeper(BlogAdmin):
    """For what has a page of its own: when its slug changes, the former address leads on."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        names.save(obj, at=timezone.now(), by=request.user)


def form_of(thing: models.Model) -> str:
    """The address of the thing's form."""
    opts = thing._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk])


def link_to(thing: models.Model, label: str = "") -> str:
    """A link to the thing's form, as HTML."""
    label = label or Truncator(str(thing)).chars(120) or f"{thing._meta.verbose_name} {thing.pk}"
    return format_html('<a href="{}">{}</a>', form_of(thing), label)


def counted(posts: int, *, most: int | None = None) -> str:
    """`1 post`, `1,200 posts`, or, where no more than `most` were counted, `1,000+ posts`."""
    told = posts if most is None else min(posts, most)
    number = number_format(told, force_grouping=True)
    return ngettext("{number} post", "{number} posts", posts).format(
        number=f"{number}+" if told < posts else number
    )


def count_to(most: int, rows: models.QuerySet[Any], column: str) -> Func:
    """The number of `rows`, which have `column`, in a list's query; counted no further than to one more than `most`."""
    few = ArraySubquery(rows.order_by().values(column)[: most + 1])
    return Func(few, function="cardinality", output_field=models.IntegerField())
