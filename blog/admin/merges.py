"""Doors at which tags, authors, series and categories become one, or get another name: first what would change, then
the button that does it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Category, Post
from blog.models.address import as_typed
from blog.publishing import merges, names

from . import undo
from .access import demand
from .base import NAMED, form_of, link_to
from .choosing import ChooseOrType, possible_keys

MOST = 50  # things that are merged at once


class Merging(admin.ModelAdmin):
    """Adds the action, the two doors, and links to them from the form."""

    actions: Any = ["merge_selected"]
    change_form_template = "admin/blog/named_change_form.html"

    @admin.action(description=gettext_lazy("Merge selected…"), permissions=["change", "delete"])
    def merge_selected(self, request: HttpRequest, chosen: Any) -> HttpResponse | None:
        keys = list(chosen.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if not 2 <= len(keys) <= MOST:
            messages.error(request, _("Choose 2 to {most}, to make one of them.").format(most=MOST))
            return None
        return HttpResponseRedirect(f"{self._door('merge')}?ids={','.join(map(str, keys))}")

    def _door(self, name: str, *args: Any) -> str:
        return reverse(f"admin:blog_{self.opts.model_name}_{name}", args=args)

    def get_urls(self) -> list[URLPattern]:
        name = f"blog_{self.opts.model_name}"
        guarded = self.admin_site.admin_view
        return [
            path("merge/", guarded(self.merge_view), name=f"{name}_merge"),
            path("<int:key>/rename/", guarded(self.rename_view), name=f"{name}_rename"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> HttpResponse:
        thing = context.get("original")
        if thing and thing.pk and self.has_change_permission(request, thing):
            context["rename_url"] = self._door("rename", thing.pk)
            if self.has_delete_permission(request, thing):
                context["merge_url"] = f"{self._door('merge')}?ids={thing.pk}"
        return super().render_change_form(request, context, *args, **kw)

    # --- Merging

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """`?ids=` are the rows, `into` the one that stays. A GET shows what would change, a POST does it."""
        demand(self.has_change_permission(request) and self.has_delete_permission(request))
        given = request.POST if request.method == "POST" else request.GET
        keys = [int(key) for key in possible_keys(given.get("ids", "").split(","))][:MOST]
        things = list(self.model._default_manager.filter(pk__in=keys))
        if not things:
            raise Http404(_("There is nothing to merge."))
        form = self._form(things)(given if "into" in given or "into-typed" in given else None)
        preview = refusal = None
        if form.is_bound and form.is_valid():
            into = form.cleaned_data["into"]
            former = [one for one in things if one.pk != into.pk]
            try:
                if request.method == "POST":
                    return self._merge(request, former, into)
                preview = merges.preview(former, into)
            except merges.CannotMerge as trouble:
                refusal = str(trouble)
        context = self.admin_site.each_context(request) | {
            "title": _("Merge"),
            "opts": self.opts,
            "form": form,
            "media": form.media,
            "things": [(link_to(one), as_typed(one.get_absolute_url())) for one in things],
            "ids": ",".join(str(one.pk) for one in things),
            "preview": preview,
            "into": link_to(preview.into) if preview else "",
            "lives": as_typed(preview.into.get_absolute_url()) if preview else "",  # type: ignore[attr-defined]
            "posts": [link_to(post) for post in preview.posts] if preview else [],
            "others": preview.count - len(preview.posts) if preview else 0,
            "refusal": refusal,
        }
        return TemplateResponse(request, "admin/blog/merge.html", context)

    def _form(self, things: list[Any]) -> type[forms.Form]:
        """Which of several stays; of one alone, into which other it goes."""
        rows = self.model._default_manager.all()
        label = _("Which one stays")
        field: forms.ModelChoiceField
        if len(things) > 1:
            field = forms.ModelChoiceField(
                rows.filter(pk__in=[one.pk for one in things]),
                label=label,
                widget=forms.RadioSelect,
                empty_label=None,
            )
        else:
            kind = merges.kind_of(self.model)
            relation = (
                Category._meta.get_field("parent")
                if self.model is Category
                else kind.rows._meta.get_field(kind.thing.removesuffix("_id"))
            )
            widget = ChooseOrType(relation, self.admin_site)
            field = forms.ModelChoiceField(
                rows.exclude(pk=things[0].pk), label=_("Merge into"), widget=widget
            )
        return type("MergeForm", (forms.Form,), {"into": field})

    def _merge(self, request: HttpRequest, former: list[Any], into: Any) -> HttpResponse:
        with transaction.atomic():
            done = merges.merge(former, into=into, at=timezone.now(), by=request.user)
        undo.tell(request, done.sentence, done)
        return HttpResponseRedirect(form_of(into))

    # --- Another name

    def rename_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """A first POST shows what would change, a second, with `confirm`, does it."""
        thing: Any = self.model._default_manager.filter(pk=key).first() if key < 2**63 else None
        if thing is None:
            raise Http404
        demand(self.has_change_permission(request, thing))
        former, place = str(thing), as_typed(thing.get_absolute_url())
        form = self._name_form(request, thing)
        told: dict[str, Any] = {}
        if form.is_bound and form.is_valid():
            if "confirm" in request.POST:
                try:
                    done = names.save(form.instance, at=timezone.now(), by=request.user)
                except ValidationError as trouble:  # moved or taken since the form was checked
                    messages.error(request, " ".join(trouble.messages))
                    return HttpResponseRedirect(request.path)
                undo.tell(request, done.sentence if done else _("Nothing has changed."), done)
                return HttpResponseRedirect(form_of(thing))
            told = self._told(thing, form.instance, former, place)
        context = self.admin_site.each_context(request) | {
            "title": _("Rename “{name}”").format(name=former),
            "opts": self.opts,
            "form": form,
            "media": form.media,
            "thing": link_to(self.model(pk=thing.pk), former),
            **told,
        }
        return TemplateResponse(request, "admin/blog/rename.html", context)

    def _name_form(self, request: HttpRequest, thing: Any) -> Any:
        fields = [name for name in names.NAMES if hasattr(thing, name)]
        form: Any = forms.modelform_factory(self.model, form=self.form, fields=fields)
        for name in set(form.base_fields) - set(fields):
            del form.base_fields[name]
        return form(request.POST if request.method == "POST" else None, instance=thing)

    def _told(self, thing: Any, renamed: Any, former: str, place: str) -> dict[str, Any]:
        """What would change: the address, those of categories below, and the posts that show the name."""
        if isinstance(renamed, Category):
            renamed.path = renamed.path_below_parent()
        lives = as_typed(renamed.get_absolute_url())
        kind = merges.kind_of(self.model)
        below: Any = Category.objects.none()
        if isinstance(renamed, Category):
            path = self.model._default_manager.values_list("path", flat=True).get(pk=thing.pk)
            below = Category.objects.filter(path__startswith=f"{path}/").order_by("path")
        keys = [thing.pk, *below.values_list("pk", flat=True)]
        here = kind.rows._default_manager.filter(**{f"{kind.thing}__in": keys}).order_by()
        posts = Post.objects.filter(pk__in=here.values(kind.post))
        return {
            "previewed": True,
            "former": former,
            "renamed": str(renamed),
            "place": place,
            "lives": lives,
            "moves": place != lives,
            "count": posts.count(),
            "posts": [link_to(post) for post in posts.only("title").order_by("-pk")[:NAMED]],
            "below": list(below.values_list("path", flat=True)[:NAMED]),
        }
