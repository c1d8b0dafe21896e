"""Who may do what with which post: one answer for forms, lists, buttons and every address beside them.

Django's own permissions say what somebody may do with posts of their own: those they began, and those that name them as
an author. Three of ours reach further: `edit_any_post`, `publish_post` and `review_post`. `publishing/roles.py` bundles
them into roles.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Byline, Post
from blog.models.live import within
from blog.models.post import PostQuerySet
from blog.publishing import contents

from . import around

# What an author goes on writing; from then on the words are the publisher's.
UNFINISHED = frozenset({Post.Status.DRAFT, Post.Status.REVIEW})
# The buttons of a post's form that change what its readers see.
PUBLISHING = frozenset({"_publish", "_schedule", "_withdraw"})


def is_own(user: Any, post: Post) -> bool:
    """Whether the user began the post, or is tied to one of its authors. One query for a post, if any."""
    if not user.is_authenticated:
        return False
    if post.created_by_id == user.pk or not post.pk:
        return True
    known: dict[int, bool] = post.__dict__.setdefault("_named_users", {})
    if user.pk not in known:
        if "bylines" in getattr(post, "_prefetched_objects_cache", {}):
            known[user.pk] = any(line.author.user_id == user.pk for line in post.bylines.all())
        else:
            known[user.pk] = Byline.objects.filter(post=post.pk, author__user=user.pk).exists()
    return known[user.pk]


def may_see(user: Any, post: Post) -> bool:
    """Whether the user may read the post before its readers do, with its history and its comments."""
    if _sees_all(user):
        return True
    return _works_on_posts(user) and is_own(user, post)


def may_edit(user: Any, post: Post | None) -> bool:
    """Whether the user may write the post; without one, whether to begin one. Writing is not publishing: what is saved
    over a published post without `may_publish` never reaches its readers. What is in the trash is restored first."""
    if post is None or not post.pk:
        return bool(user.has_perm("blog.add_post"))
    if post.trashed_at or not user.has_perm("blog.change_post"):
        return False
    return user.has_perm("blog.edit_any_post") or (post.status in UNFINISHED and is_own(user, post))


def may_publish(user: Any, post: Post | None) -> bool:
    """Whether the user may make the post public, on a date too, change what its readers see, or take it from them."""
    if post is not None and post.trashed_at:
        return False
    return user.has_perm("blog.publish_post") and (post is None or may_see(user, post))


def may_review(user: Any, post: Post) -> bool:
    """Whether the user may judge the post: approve it, or ask for changes. Nobody judges what is their own."""
    return user.has_perm("blog.review_post") and may_see(user, post) and not is_own(user, post)


def may_comment(user: Any, post: Post) -> bool:
    """Whether the user may comment, reply and resolve: those who review the post, and those who write it."""
    return may_edit(user, post) or (user.has_perm("blog.review_post") and may_see(user, post))


def may_delete(user: Any, post: Post) -> bool:
    """What readers know, or soon will, is deleted by those alone who may take it from them."""
    if not (user.has_perm("blog.delete_post") and may_edit(user, post)):
        return False
    return post.status in UNFINISHED or may_publish(user, post)


def visible(user: Any, posts: PostQuerySet, at: datetime) -> PostQuerySet:
    """Those of `posts` that the user may find and refer to: `may_see`, and all that readers find anyway; none that is
    in the trash."""
    posts = posts.kept()
    return posts if _sees_all(user) else posts.filter(own(user) | Q(within(at), status=Post.Status.PUBLISHED))


def listed(user: Any, posts: PostQuerySet) -> PostQuerySet:
    """Those of `posts` whose forms the user may open: the twin of `may_see`."""
    return posts if _sees_all(user) else posts.filter(own(user))


def own(user: Any) -> Q:
    """The condition behind `is_own`; two short index scans, whatever else is asked."""
    begun = Post.objects.order_by().filter(created_by=user.pk).values("pk")
    named = Byline.objects.order_by().filter(author__user=user.pk).values("post")
    return Q(pk__in=begun.union(named))


def demand(allowed: bool, refusal: str = "") -> None:
    """Raises PermissionDenied, with a sentence for the page that says so, unless `allowed`."""
    if not allowed:
        raise PermissionDenied(refusal)


def demand_edit(user: Any, post: Post | None) -> None:
    """Raises PermissionDenied unless the user may write the post, or begin one."""
    demand(may_edit(user, post), _("You can change posts of your own, until they are published."))


def demand_publish(user: Any, post: Post | None) -> None:
    """Raises PermissionDenied unless the user may change what readers see."""
    demand(may_publish(user, post), _("Publishing is for publishers: send the post to review and ask one."))


def demand_see(user: Any, post: Post) -> None:
    """Raises PermissionDenied unless the user may read the post as it is being written."""
    demand(may_see(user, post), _("This post is somebody else's, and not published yet."))


def _sees_all(user: Any) -> bool:
    return bool(user.has_perm("blog.view_post") or user.has_perm("blog.edit_any_post"))


def _works_on_posts(user: Any) -> bool:
    return bool(user.has_perm("blog.change_post") or user.has_perm("blog.add_post"))


class RefusesActions(ModelAdmin):
    """Answers an action that its sender may not take with a refusal; Django's lists only say that none was chosen."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Raises PermissionDenied for an action that exists and is not among the user's."""
        if request.method == "POST" and (sent := set(request.POST.getlist("action"))):
            known = {name for _function, name, _description in self._get_base_actions()}  # type: ignore[attr-defined]
            refused = sent & known - self.get_actions(request).keys()
            demand(not refused, _("Your account may not do this with the selected rows."))
        return super().changelist_view(request, extra_context)


def _shows_form(request: HttpRequest) -> bool:
    door = request.resolver_match
    return request.method == "GET" and door is not None and door.url_name == "blog_post_change"


class PostAccess(ModelAdmin):
    """The admin's questions about posts, answered by this module."""

    def get_queryset(self, request: HttpRequest) -> Any:
        """What lists and actions reach; a completion also offers what readers find, to refer to."""
        posts: Any = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            return visible(request.user, posts.kept(), timezone.now())
        return listed(request.user, posts.kept())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Post | None:
        """Any post, so that one that the user may not see is refused, not called missing."""
        field: Any = self.opts.get_field(from_field) if from_field else self.opts.pk
        try:
            posts = super().get_queryset(request).select_related("learning_level")
            if not _shows_form(request):
                return posts.get(**{field.name: field.to_python(object_id)})
            posts = posts.select_related("learning_level", "draft__made_by").annotate(**contents.around())
            post = posts.get(**{field.name: field.to_python(object_id)})
            around.of(post)
            return post
        except (Post.DoesNotExist, ValidationError, ValueError):
            return None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return super().has_change_permission(request)
        return may_edit(request.user, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request) if obj is None else may_see(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request) if obj is None else may_delete(request.user, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Raises PermissionDenied when a publisher's button was pressed by somebody else, before anything is saved."""
        if request.method == "POST" and not PUBLISHING.isdisjoint(request.POST):
            demand_publish(request.user, self.get_object(request, unquote(object_id)) if object_id else None)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A draft may bear the date that its author wishes for; once the date decides what readers see, it is the
        publisher's."""
        fixed = super().get_readonly_fields(request, obj)
        if obj is None or obj.status in UNFINISHED or may_publish(request.user, obj):
            return fixed
        return [*fixed, "published_at", "expires_at"]

    def has_publish_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the user may make the post public, on a date too, or take it from its readers."""
        return may_publish(request.user, obj)
