"""One change to many posts: an action of the list, a page that asks for the values and names the posts, what came of
it, and one button that takes it all back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.models import Author, Byline, Category, LearningLevel, Post
from blog.publishing import bulk, inbound, tagging

from . import access, undo
from .base import NAMED, form_of, link_to
from .choosing import ChooseOrTypeSeveral
from .findings import as_list
from .moments import Moment
from .post_form import YEARS, Tags
from .state import describe, moment

MOST_TOLD = 20  # posts that a message says could not be changed


class Values(forms.Form):
    """What an operation needs to know; `value` for `bulk.carry_out`, and what it is called."""

    def value(self) -> Any:
        return None

    def named(self) -> str:
        return ""


class LevelValue(Values):
    chosen = forms.ModelChoiceField(
        LearningLevel.objects.order_by("number"), label=gettext_lazy("Learning level")
    )

    def value(self) -> Any:
        return self.cleaned_data["chosen"].pk

    def named(self) -> str:
        return str(self.cleaned_data["chosen"])


class CategoryValues(Values):
    chosen: Any = forms.ModelMultipleChoiceField(
        Category.objects.all(),
        label=gettext_lazy("Categories"),
        widget=ChooseOrTypeSeveral(Post._meta.get_field("categories"), admin.site),
    )

    def value(self) -> Any:
        return [one.pk for one in self.cleaned_data["chosen"]]

    def named(self) -> str:
        return ", ".join(str(one) for one in self.cleaned_data["chosen"])


class AuthorValues(CategoryValues):
    chosen: Any = forms.ModelMultipleChoiceField(
        Author.objects.all(),
        label=gettext_lazy("Authors"),
        widget=ChooseOrTypeSeveral(Byline._meta.get_field("author"), admin.site),
    )


class TagValues(Values):
    chosen = Tags(label=gettext_lazy("Tags"), help_text=gettext_lazy("Keywords, separated by commas."))

    def clean_chosen(self) -> list[str]:
        """Raises ValidationError for what no tag can be called."""
        names = tagging.resolved(self.cleaned_data["chosen"])
        for name in names:
            if len(name) > 100:
                raise ValidationError(_("A tag has at most 100 characters: “{name}…”").format(name=name[:40]))
            if not slugify(name, allow_unicode=True):
                raise ValidationError(_("A tag needs a letter or a digit: “{name}”").format(name=name))
        return names

    def value(self) -> Any:
        return list(self.cleaned_data["chosen"])

    def named(self) -> str:
        return ", ".join(self.cleaned_data["chosen"])


class MomentValue(Values):
    chosen = Moment(label=gettext_lazy("Moment"))

    def clean_chosen(self) -> Any:
        """Raises ValidationError for a moment that is not ahead."""
        when = self.cleaned_data["chosen"]
        if when.year not in YEARS or when <= timezone.now():
            raise ValidationError(_("This moment has passed; choose one that is ahead, or publish."))
        return when

    def value(self) -> Any:
        return self.cleaned_data["chosen"]

    def named(self) -> str:
        return moment(self.cleaned_data["chosen"])


FORMS: dict[str, type[Values]] = {
    bulk.LEVEL: LevelValue,
    bulk.ADD_CATEGORIES: CategoryValues,
    bulk.REMOVE_CATEGORIES: CategoryValues,
    bulk.ADD_TAGS: TagValues,
    bulk.REMOVE_TAGS: TagValues,
    bulk.ADD_AUTHORS: AuthorValues,
    bulk.SCHEDULE: MomentValue,
}
# The kind, its name in the list of actions, whom Django's list offers it, and the button that does it.
OFFERED = (
    (bulk.LEVEL, gettext_lazy("Set the level…"), "change", gettext_lazy("Set the level")),
    (bulk.ADD_CATEGORIES, gettext_lazy("Add categories…"), "change", gettext_lazy("Add the categories")),
    (bulk.REMOVE_CATEGORIES, gettext_lazy("Take out of categories…"), "change", gettext_lazy("Take out")),
    (bulk.ADD_TAGS, gettext_lazy("Add tags…"), "change", gettext_lazy("Add the tags")),
    (bulk.REMOVE_TAGS, gettext_lazy("Remove tags…"), "change", gettext_lazy("Remove the tags")),
    (bulk.ADD_AUTHORS, gettext_lazy("Add authors…"), "change", gettext_lazy("Add the authors")),
    (bulk.PUBLISH, gettext_lazy("Publish…"), "publish", gettext_lazy("Publish now")),
    (bulk.SCHEDULE, gettext_lazy("Schedule…"), "publish", gettext_lazy("Schedule")),
    (bulk.WITHDRAW, gettext_lazy("Withdraw…"), "publish", gettext_lazy("Withdraw")),
    (bulk.TRASH, gettext_lazy("Move to the trash…"), "delete", gettext_lazy("Move to the trash")),
)
NAMES = {bulk.PUBLISH: "publish_selected", bulk.WITHDRAW: "withdraw_selected", bulk.TRASH: "trash_selected"}


def action_for(kind: str, name: Any, permission: str, button: Any) -> Callable[..., Any]:
    """The action of the list: the same for every kind but for its values."""

    def act(model_admin: Any, request: HttpRequest, chosen: QuerySet[Post]) -> HttpResponse | None:
        return ask(model_admin, request, chosen, kind, name, button)

    act.__name__ = NAMES.get(kind, kind)
    return admin.action(permissions=[permission], description=name)(act)


ACTIONS = [action_for(*one) for one in OFFERED]


def allowed(user: Any, kind: str) -> Callable[[Post], bool]:
    """Whether the user may do that to a post; what readers see is changed by publishers alone."""

    def may(post: Post) -> bool:
        if kind == bulk.TRASH:
            return access.may_delete(user, post)
        if kind in bulk.LIVING:
            return access.may_publish(user, post)
        return access.may_edit(user, post) and (
            post.status in access.UNFINISHED or access.may_publish(user, post)
        )

    return may


def ask(
    model_admin: Any, request: HttpRequest, chosen: QuerySet[Post], kind: str, name: Any, button: Any
) -> HttpResponse | None:
    """Asks for the values, or, where they have come, carries it out and goes back to the list."""
    keys = list(chosen.order_by("pk").values_list("pk", flat=True)[: bulk.MOST + 1])
    if len(keys) > bulk.MOST:
        said = _("At most {number} posts at once; choose fewer.").format(number=bulk.MOST)
        messages.error(request, said)
        return None
    confirmed = "confirm" in request.POST
    form = FORMS.get(kind, Values)(request.POST if confirmed else None)
    if confirmed and form.is_valid():
        outcome = bulk.carry_out(
            kind, keys, form.value(), named=form.named(), at=timezone.now(), by=request.user,
            allowed=allowed(request.user, kind),
        )  # fmt: skip
        tell(request, outcome)
        return None
    at = timezone.now()
    posts: Any = Post.objects.filter(pk__in=keys).order_by("-pk")
    shown = posts.only("title", "slug", "status", "published_at", "expires_at")[:NAMED]
    leading = inbound.inbound(list(posts.only("slug"))) if kind in {bulk.WITHDRAW, bulk.TRASH} else []
    context = {
        **model_admin.admin_site.each_context(request),
        "title": str(name).rstrip("…"),
        "opts": model_admin.opts,
        "form": form,
        # Django's calendar needs it, and has it from the media of an admin only.
        "media": forms.Media(js=["admin/js/core.js"]) + form.media,
        "action": NAMES.get(kind, kind),
        "button": button,
        "keys": keys,
        "posts": [(link_to(post), describe(post, at)) for post in shown],
        "others": max(0, len(keys) - NAMED),
        "inbound": lines(leading),
    }
    return TemplateResponse(request, "admin/blog/post/bulk.html", context)


def lines(leading: list[inbound.Inbound]) -> list[str]:
    """What leads to the posts, a line of HTML each."""
    several = len({one.post.pk for one in leading}) > 1
    told: list[str] = []
    for one in leading[:100]:
        line = format_html("{} {}", one.how, link_to(one.thing))
        told.append(format_html("{} → “{}”", line, one.post) if several else line)
    if len(leading) > 100:
        told.append(_("and {number} others").format(number=len(leading) - 100))
    return told


def tell(request: HttpRequest, outcome: bulk.Outcome) -> None:
    """What became of the posts, in messages."""
    if outcome.operation:
        undo.tell(request, outcome.operation.sentence, outcome.operation)
    if outcome.same:
        number = len(outcome.same)
        said = ngettext("{number} post was so already.", "{number} posts were so already.", number)
        messages.info(request, said.format(number=number))
    if outcome.failed:
        number = len(outcome.failed)
        said = ngettext("{number} post was left as it is:", "{number} posts were left as they are:", number)
        rows = [
            (
                link_to(post),
                as_list(outcome.lacking[post.pk], form_of(post)) if post.pk in outcome.lacking else why,
            )
            for post, why in outcome.failed[:MOST_TOLD]
        ]
        told = format_html_join("", "<li>{}: {}</li>", rows)
        if number > MOST_TOLD:
            more = _("and {number} others").format(number=number - MOST_TOLD)
            told = format_html("{}<li>{}</li>", told, more)
        messages.warning(request, format_html("{}<ul>{}</ul>", said.format(number=number), told))
