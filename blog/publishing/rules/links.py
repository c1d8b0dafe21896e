"""Rules about where links lead: within this site, from post to post, and out into the world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import LinkCheck, Post

from .base import Candidate, Say, rule
from .known import Inward, Known, inward, page_at, places, resolved
from .severity import BLOCK

FOLLOW = gettext_lazy("A link that leads nowhere costs a reader's trust.")
HIDDEN = gettext_lazy("Readers would find “There is nothing at this address”.")
FOR_EDITORS = ("admin:", "preview")  # names of addresses that no reader has
AROUND = frozenset({"main", "tags", "related", "authors"})  # places of every post's page, around its text
GONE = frozenset({404, 410})  # answers that are no accident


def _inward(post: Candidate) -> Iterator[Inward]:
    for link in post.facts.get("links", []):
        if found := inward(link):
            yield found


def hidden(other: Post, at: datetime | None) -> bool:
    """Whether readers don't see the post, as far as the instant is known."""
    return other.status != Post.Status.PUBLISHED or bool(at and not other.is_live(at))


@rule("dead-link", field="body", title=gettext_lazy("Link within the site"), why=FOLLOW)
def dead_link(post: Candidate, known: Known) -> Iterator[Say]:
    told: set[str] = set()
    for link in _inward(post):
        if link.slug:
            name = _("the post “{slug}”").format(slug=link.slug)
            there = link.slug == post.slug or link.slug in known.posts
        else:
            name, there = link.path, _is_page(link.path, known)
        if not there and name not in told:
            told.add(name)
            yield Say(
                _(
                    "The text links to {name}, which does not exist. Correct the address, or take the link out."
                ).format(name=name),
                post.line_of(link.written),
            )


def _is_page(path: str, known: Known) -> bool:
    if path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        return True
    if target := page_at(path):
        whole = path if path.endswith("/") else f"{path}/"
        return target in known.rows or whole in known.moved
    return resolved(path) is not None


@rule("editors-link", field="body", title=gettext_lazy("Link to a page for editors"), why=FOLLOW)
def editors_link(post: Candidate, known: Known) -> Iterator[Say]:
    for link in _inward(post):
        found = None if link.slug else resolved(link.path)
        if found and found[0].startswith(FOR_EDITORS):
            yield Say(
                _(
                    "The text links to {path}, which only editors can open. Link to the page that readers see."
                ).format(path=link.path[:60]),
                post.line_of(link.written),
            )


@rule("link-to-draft", field="body", title=gettext_lazy("Link to a post that is not public"), why=HIDDEN)
def link_to_draft(post: Candidate, known: Known) -> Iterator[Say]:
    told: set[str] = set()
    for link in _inward(post):
        other = known.posts.get(link.slug)
        if other and link.slug != post.slug and link.slug not in told and hidden(other, known.at):
            told.add(link.slug)
            yield Say(
                _(
                    "The text links to the post “{slug}”, which readers don't see. Publish that first, or write "
                    "[](post:{slug}), which becomes a link when it is public."
                ).format(slug=link.slug),
                post.line_of(link.written),
            )


@rule("dead-anchor", field="body", title=gettext_lazy("Link to a place on another page"), why=FOLLOW)
def dead_anchor(post: Candidate, known: Known) -> Iterator[Say]:
    for link in _inward(post):
        own = link.slug == post.slug
        other = None if own else known.posts.get(link.slug)
        if not link.slug or not link.fragment or not (own or other):
            continue
        there = places(other, post.html)
        if own:
            there |= {f"fig-{key}" for key in post.facts.get("figures", [])}
        if link.fragment not in there | AROUND and not link.fragment.startswith(":~:"):
            yield Say(
                _(
                    "The link to the post “{slug}” names the place #{fragment}, which its text does not have. "
                    "Copy the address of a heading there, or link to the post alone."
                ).format(slug=link.slug, fragment=link.fragment[:80]),
                post.line_of(link.written),
            )


@rule("external-link", field="body", title=gettext_lazy("Link to another site"), why=FOLLOW)
def external_link(post: Candidate, known: Known) -> Iterator[Say]:
    for link in post.facts.get("links", []):
        answer = known.answers.get(link)
        if answer and is_broken(answer):
            assert answer.failing_since is not None
            since = timezone.localtime(answer.failing_since)
            yield Say(
                _(
                    "The link to {link} fails since {since}: {note} Correct the address, link to an "
                    "archived copy, or take the link out."
                ).format(link=link[:120], since=date_format(since, _("j M Y")), note=answer.note),
                post.line_of(link),
            )


def is_broken(answer: LinkCheck) -> bool:
    """Whether an editor is told: at once of what is gone, of a failure that may pass when it has been seen twice."""
    return answer.failures >= 2 or (answer.failures == 1 and answer.status in GONE)


@rule(
    "unknown-post",
    field="body",
    title=gettext_lazy("Reference to a post that does not exist"),
    severity=BLOCK,
    why=FOLLOW,
)
def unknown_post(post: Candidate, known: Known) -> Iterator[Say]:
    for slug in _referred(post):
        if slug not in known.posts:
            yield Say(
                _(
                    "The text refers to the post “{slug}”, which does not exist; correct the slug, or take it "
                    "out."
                ).format(slug=slug),
                post.line_of(f"post:{slug}"),
            )


@rule(
    "unpublished-post", field="body", title=gettext_lazy("Reference to a post that is not public"),
    why=gettext_lazy("Until readers see that post, the reference has no link."),
)  # fmt: skip
def unpublished_post(post: Candidate, known: Known) -> Iterator[Say]:
    for slug in _referred(post):
        other = known.posts.get(slug)
        if other and hidden(other, known.at):
            yield Say(
                _(
                    "The text refers to the post “{slug}”, which readers don't see; until they do, the reference "
                    "has no link. Publish that post first, or let the sentence stand without it."
                ).format(slug=slug),
                post.line_of(f"post:{slug}"),
            )


@rule(
    "unknown-post-figure", field="body", title=gettext_lazy("Reference to a figure of another post"), severity=BLOCK,
    why=gettext_lazy("It would read as a reference to the whole post."),
)  # fmt: skip
def unknown_post_figure(post: Candidate, known: Known) -> Iterator[Say]:
    for slug, key in post.facts.get("crossings", []):
        other = known.posts.get(slug)
        facts = post.facts if slug == post.slug else other.facts if other else None
        if key and facts is not None and key not in facts.get("figures", []):
            yield Say(
                _(
                    "The post “{slug}” shows no figure “{key}”; correct the key after #fig-, or refer to the "
                    "post alone."
                ).format(slug=slug, key=key),
                post.line_of(f"post:{slug}#fig-{key}"),
                key,
            )


def _referred(post: Candidate) -> list[str]:
    """The other posts that the text refers to, each once."""
    slugs = dict.fromkeys(slug for slug, _ in post.facts.get("crossings", []))
    return [slug for slug in slugs if slug != post.slug]
