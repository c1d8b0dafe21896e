"""An editor at the door, and what a browser would post from the form of a post."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from blog.models import Post
from blog.publishing import roles
from tests import make


@pytest.fixture
def editor(db) -> Client:
    """A client with an administrator's session; it sees a crash as a 500, as a browser would."""
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("editor", "editor@example.org", "pass"))
    return client


@pytest.fixture
def staff(db):
    """Makes a client of a staff user with these permissions only, such as "view_post"."""

    def login(*codenames: str) -> Client:
        user = get_user_model().objects.create_user("staff", "staff@example.org", "pass", is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(codename__in=codenames, content_type__app_label="blog")
        )
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return login


@pytest.fixture(scope="module")
def installed_roles(module_rows):
    """The four groups, made once a file."""
    roles.install()


@pytest.fixture
def cast(installed_roles, db):
    """Makes a client of a user with this role; `client.user` is the user."""

    def login(role: str, name: str = "") -> Client:
        name = name or role
        user = get_user_model().objects.create_user(name, f"{name}@example.org", "pass", is_staff=True)
        if role != "nobody":
            user.groups.add(Group.objects.get(name=role))
        client = Client(raise_request_exception=False)
        client.force_login(user)
        client.user = user
        return client

    return login


def rows(prefix: str, *given: dict[str, Any]) -> dict[str, Any]:
    """The fields of an inline, with its management form."""
    initial = sum(1 for row in given if row.get("id"))
    data = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(given):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def fields(post: Post | None = None, **over: Any) -> dict[str, Any]:
    """What the form of this post posts, or of a new, complete one; `bylines` and `series_parts` are rows."""
    if post:
        given: dict[str, Any] = {
            "title": post.title,
            "slug": post.slug,
            "body": post.body,
            "summary": post.summary,
            "learning_level": post.learning_level_id or "",
            "categories": list(post.categories.values_list("pk", flat=True)),
            "tags": ", ".join(post.tags.names()),
            "lead_figure": post.lead_figure_id or "",
            "language": post.language,
            "canonical_url": post.canonical_url,
            "seen_version": Post.objects.values_list("version", flat=True).get(pk=post.pk),
        }
        for name in ("published_at", "expires_at"):
            when = getattr(post, name)
            given |= {
                f"{name}_0": f"{when:%Y-%m-%d}" if when else "",
                f"{name}_1": f"{when:%H:%M:%S}" if when else "",
            }
        bylines = [
            {"id": line.pk, "post": post.pk, "author": line.author_id, "position": line.position}
            for line in post.bylines.all()
        ]
    else:
        given = {
            "title": "Queues that shed load",
            "slug": "queues-that-shed-load",
            "body": "## Why\n\nBecause they fill up.\n",
            "summary": make.SUMMARY,
            "learning_level": make.level(300).pk,
            "categories": [make.category("messaging").pk],
            "tags": "queues, load",
            "language": "en",
        }
        bylines = [{"author": make.author().pk, "position": 0}]
    given |= rows("bylines", *over.pop("bylines", bylines))
    for prefix in ("series_parts", "related_posts", "changes"):
        given |= rows(prefix, *over.pop(prefix, []))
    return given | over


def address(post: Post | None = None, page: str = "change") -> str:
    """Where the form of a post lies; of a new one without."""
    if page == "preview":
        return (
            reverse("admin:blog_post_preview", args=[post.pk])
            if post
            else reverse("admin:blog_post_preview_new")
        )
    return reverse(f"admin:blog_post_{page}", args=[post.pk]) if post else reverse("admin:blog_post_add")


def said(response) -> str:
    """The messages of the page that a form led to."""
    return " ".join(str(message) for message in response.context["messages"])
