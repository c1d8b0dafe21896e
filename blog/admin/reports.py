"""Reports for editors: what is covered at which level, what has grown old, which figures lack words, and what readers
searched for in vain."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import F, Max, Q, Sum
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Category, LearningLevel, MissedSearch, Placement, Post

from . import access
from .base import link_to
from .state import STATES, describe, in_state, moment

PER_PAGE = 50
OLD = timedelta(days=365)
LATELY = timedelta(days=30)

# Every post once for each category that it is filed in, and once for each above.
COVERAGE = """
    SELECT above.id, post.learning_level_id, count(DISTINCT post.id)
    FROM blog_post AS post
    JOIN blog_post_categories AS filed ON filed.post_id = post.id
    JOIN blog_category AS below ON below.id = filed.category_id
    JOIN blog_category AS above ON below.path = above.path OR starts_with(below.path, above.path || '/')
    WHERE post.id IN ({posts}) GROUP BY above.id, post.learning_level_id
"""


def urls(model_admin: Any) -> list[URLPattern]:
    def door(view: Any) -> Any:
        def inner(request: HttpRequest) -> HttpResponse:
            access.demand(
                request.user.has_perm("blog.view_post") or request.user.has_perm("blog.edit_any_post")
            )
            context = model_admin.admin_site.each_context(request) | {"opts": model_admin.opts}
            name, more = view(request)
            return TemplateResponse(request, f"admin/blog/reports/{name}.html", context | more)

        return model_admin.admin_site.admin_view(inner)

    return [
        path("reports/", door(index), name="blog_post_reports"),
        path("reports/coverage/", door(coverage), name="blog_post_coverage"),
        path("reports/old/", door(old), name="blog_post_old"),
        path("reports/undescribed/", door(undescribed), name="blog_post_undescribed"),
        path("reports/missed/", door(missed), name="blog_post_missed"),
    ]


def index(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    return "index", {"title": _("Reports")}


def coverage(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """How many posts each category, with all below it, has at each level; each number leads to the list of those."""
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    at, levels = timezone.now(), list(LearningLevel.objects.order_by("number"))
    posts: Any = Post.objects.kept()
    if state:
        posts = in_state(posts, state, at)
    sql, params = posts.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE.format(posts=sql), params)
        counts = {(category, level): number for category, level, number in cursor.fetchall()}
    columns = [*levels, None]
    rows = [
        {
            "category": category,
            "deep": min(category.depth, 6),
            "cells": [_cell(category, level, counts, state) for level in columns],
            "all": sum(counts.get((category.pk, level.pk if level else None), 0) for level in columns),
        }
        for category in Category.objects.order_by("path")
    ]
    return "coverage", {
        "title": _("Coverage"),
        "levels": levels,
        "rows": rows,
        "states": STATES.items(),
        "state": state,
    }


def _cell(
    category: Category, level: LearningLevel | None, counts: dict[tuple[int, int | None], int], state: str
) -> dict[str, Any]:
    number = counts.get((category.pk, level.pk if level else None), 0)
    narrow = {"learning_level__id__exact": level.pk} if level else {"learning_level__isnull": "True"}
    asked = {"category": category.path, **narrow, **({"state": state} if state else {})}
    return {"number": number, "url": f"{reverse('admin:blog_post_changelist')}?{urlencode(asked)}"}


def _paged(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("p", "1")[:9])


def old(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Live posts whose words have not changed for a year, the oldest first."""
    at = timezone.now()
    told = Greatest("published_at", Coalesce("changed_at", "published_at"))
    posts = Post.objects.live(at).annotate(told=told).filter(told__lt=at - OLD).order_by("told", "pk")
    page = _paged(request, posts.only("title", "slug", "status", "published_at", "expires_at", "changed_at"))
    rows = [(link_to(post), moment(post.told)) for post in page]
    return "old", {"title": _("Posts that have grown old"), "rows": rows, "page": page}


def undescribed(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Posts that place a figure without a long description."""
    at = timezone.now()
    bare = Placement.objects.filter(figure__long_description="", figure__decorative=False).order_by()
    posts = (
        Post.objects.kept()
        .filter(pk__in=bare.values("post"))
        .order_by(F("published_at").desc(nulls_last=True), "-pk")
    )
    page = _paged(request, posts.only("title", "slug", "status", "published_at", "expires_at"))
    shown: dict[int, list[str]] = {}
    for one in (
        bare.filter(post__in=[post.pk for post in page]).select_related("figure").order_by("number", "pk")
    ):
        shown.setdefault(one.post_id, []).append(link_to(one.figure, one.figure.slug))
    rows = [(link_to(post), describe(post, at), shown.get(post.pk, [])) for post in page]
    return "undescribed", {"title": _("Figures without a long description"), "rows": rows, "page": page}


def missed(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """What readers searched for in the last thirty days and nothing was found for, most often first."""
    since = timezone.now().date() - LATELY
    rows = (
        MissedSearch.objects.filter(day__gte=since)
        .values("words")
        .annotate(total=Sum("times"), last=Max("day"))
        .filter(~Q(words=""))
        .order_by("-total", "words")
    )
    return "missed", {"title": _("Searches that found nothing"), "page": _paged(request, rows)}
