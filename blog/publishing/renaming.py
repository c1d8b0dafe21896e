"""A figure gets another key: every text that names it is rewritten, rendered again, and readers are led on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Figure, Post
from blog.models.post import DERIVED_BY_RENDER

from . import addresses, figures, sentences, workflow

MOST = 200
"""Posts that one renaming rewrites: each is rendered twice, in a process of its own."""


class CannotRename(Exception):
    """Nothing has been renamed; `str()` says why."""


@dataclass(frozen=True)
class Renaming:
    """A renaming that will succeed: the posts to be saved, rewritten and rendered, their rows locked."""

    figure: Figure
    former: str
    key: str
    posts: list[Post]


@transaction.atomic
def rename(figure: Figure, *, key: str, at: datetime) -> None:
    """Gives a saved figure another key. `at` tells whether readers may know its former address.

    Raises:
        CannotRename: a post that names it can't be rendered, or too many do; nothing has changed.
    """
    carry_out(prepare(figure, key=key), at=at)


def prepare(figure: Figure, *, key: str) -> Renaming:
    """Rewrites and renders in memory; within a transaction, until whose end the posts stay locked.

    Raises:
        CannotRename: as `rename`.
    """
    former = Figure.objects.select_for_update().get(pk=figure.pk).slug
    if figure.notation:
        raise CannotRename(_("The key of a drawn diagram is written in its post: change it there."))
    hosts = set(figure.placements.values_list("post__slug", flat=True))
    named = (
        Q(pk__in=figure.placements.values("post"))
        | Q(facts__figures__contains=[former])
        | Q(facts__references__contains=[former])
        | Q(facts__crossings__contains=[[former]])
    )
    for slug in hosts:
        path = f"{reverse('post', args=[slug])}#fig-{former}"
        named |= Q(facts__links__contains=[path]) | Q(facts__links__contains=[settings.SITE_URL + path])
    ids = list(Post.objects.filter(named).order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise CannotRename(
            _("More than {most} posts name this figure; its key has to stay.").format(most=MOST)
        )
    posts = list(Post.objects.select_for_update(of=["self"]).filter(pk__in=ids).order_by("pk"))
    changed = []
    for post in posts:
        try:
            body = rewrite(post.body, former, key, hosts=hosts, places=post.slug in hosts)
            if body != post.body:
                post.body = body
                post.render()
                changed.append(post)
        except markup.RenderRefused as refusal:
            raise CannotRename(
                _("The key stays: “{title}” names this figure and can't be rendered. {refusal}").format(
                    title=post.title, refusal=sentences.of(refusal)
                )
            ) from None
    return Renaming(figure, former, key, changed)


@transaction.atomic
def carry_out(renaming: Renaming, *, at: datetime) -> None:
    """Saves what `prepare` has made ready. The posts' words are the same as before, so none counts as changed."""
    figure = renaming.figure
    former = Figure(slug=renaming.former).get_absolute_url()
    showing = Post.objects.filter(Q(pk__in=figure.placements.values("post")) | Q(lead_figure=figure))
    known = any(post.has_been_public(at) for post in showing.only("status", "published_at"))
    figure.slug = renaming.key
    figures.save(figure)
    for post in renaming.posts:
        post.version += 1
        post.save(update_fields=["body", "version", *DERIVED_BY_RENDER])
        workflow.settle(post)
    if known:
        addresses.leave(former, figure)


def rewrite(body: str, former: str, key: str, *, hosts: set[str], places: bool) -> str:
    """The Markdown with the figure's former key replaced wherever it names the figure, and nowhere else: what stands in
    code, or only looks like a reference, is kept. `hosts` are the slugs of posts that place the figure; with `places`,
    this post is one of them.

    Which is which, the renderer says: each place gets a key of its own, and those that the rendering knows are real.

    Raises:
        markup.RenderRefused: the body can't be rendered.
    """
    place = re.compile(rf"(?:figure:|#fig-){re.escape(former)}(?![a-z0-9-]*[a-z0-9])", re.IGNORECASE)
    stem = _unused(body)
    tried = _replace(place, body, former, lambda number: f"{stem}-{number}")
    if tried == body:
        return body
    rendered = markup.render_isolated(tried)
    links = set(rendered.links)
    real = {*rendered.figures, *rendered.references}
    real |= {name for slug, name in rendered.crossings if slug in hosts}
    paths = [reverse("post", args=[slug]) for slug in hosts]
    before = [*([""] if places else []), *paths, *(settings.SITE_URL + path for path in paths)]

    def chosen(number: int) -> str:
        name = f"{stem}-{number}"
        return key if name in real or any(f"{one}#fig-{name}" in links for one in before) else former

    return _replace(place, body, former, chosen)


def _unused(body: str) -> str:
    """A short key that the text does not hold."""
    stem = "q"
    while stem in body:
        stem += "q"
    return stem


def _replace(place: re.Pattern[str], body: str, former: str, name: Callable[[int], str]) -> str:
    number = 0

    def put(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        chosen = name(number)
        return found[0] if chosen == former else found[0][: -len(former)] + chosen

    return place.sub(put, body)
