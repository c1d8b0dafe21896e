"""What leads to a post: told before it is deleted or withdrawn, and rewritten when its address changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Address, PathStep, Post, RelatedPost, SeriesPart
from blog.models.crossings import path_of, quoted
from blog.models.post import DERIVED_BY_RENDER

from . import editing, workflow

MOST = 500
"""Lines of a report."""

# By an index: the bare links of a text, and the slugs that it refers to, as `blog_leads` takes them from its facts.
LINKING = "blog_leads(blog_post.facts) && %s::text[]"


@dataclass(frozen=True)
class Inbound:
    """`how` says in what way `thing`, a post, a series or a learning path, leads to `post`."""

    how: str
    thing: models.Model
    post: Post


def inbound(posts: Sequence[Post]) -> list[Inbound]:
    """What leads to these posts, other than they themselves: texts that link to them, under former addresses too,
    series, learning paths, related posts that editors chose, and translations. Six queries, however many posts."""
    keys = {post.pk: post for post in posts}
    found = [*_texts(keys)]
    parts: Any = (
        SeriesPart.objects.filter(post__in=keys).select_related("series").order_by("series__title", "pk")
    )
    found += [
        Inbound(_("part {number} of the series").format(number=part.number), part.series, keys[part.post_id])
        for part in parts[:MOST]
    ]
    steps: Any = PathStep.objects.filter(post__in=keys).select_related("learning_path")
    steps = steps.order_by("learning_path__title", "pk")
    found += [
        Inbound(_("a step of the learning path"), s.learning_path, keys[s.post_id]) for s in steps[:MOST]
    ]
    chosen: Any = RelatedPost.objects.filter(other__in=keys, curated=True, post__trashed_at=None)
    chosen = chosen.exclude(post__in=keys).select_related("post").defer("post__body", "post__search")
    found += [
        Inbound(_("recommended after"), row.post, keys[row.other_id])
        for row in chosen.order_by("post", "pk")[:MOST]
    ]
    others = _light(Post.objects.kept().filter(translation_of__in=keys).exclude(pk__in=keys))
    found += [
        Inbound(_("translated as"), one, keys[one.translation_of_id]) for one in others.order_by("pk")[:MOST]
    ]
    return found


def _light(posts: Any) -> Any:
    return posts.only(
        "title", "slug", "status", "published_at", "expires_at", "translation_of", "trashed_at", "facts"
    )


def _texts(keys: dict[int, Post]) -> Iterator[Inbound]:
    slugs = {post.slug: post for post in keys.values()}
    left = Address.objects.filter(post__in=keys).select_related(None).values_list("path", "post")
    paths = {path.rstrip("/"): keys[pk] for path, pk in left if pk}
    prefix = path_of("x").removesuffix("x/")
    slugs |= {path.removeprefix(prefix): post for path, post in paths.items() if path.startswith(prefix)}
    slugs |= {post.slug: post for post in keys.values()}
    names = {name: post for slug, post in slugs.items() for name in ways(slug)}
    linking = linking_to(slugs).exclude(pk__in=keys)
    for one in _light(linking).order_by("-pk")[:MOST]:
        targets = {
            names[bare].pk: names[bare]
            for link in one.facts.get("links", [])
            if (bare := _bare(link)) in names
        }
        targets |= {
            slugs[slug].pk: slugs[slug] for slug, _ in one.facts.get("crossings", []) if slug in slugs
        }
        yield from (Inbound(_("linked from"), one, target) for target in targets.values())


def _bare(link: str) -> str:
    return link.partition("#")[0].partition("?")[0].rstrip("/")


def ways(slug: str) -> set[str]:
    """The ways in which a text links to the post with this slug, without a slash at the end."""
    paths = {path_of(slug).rstrip("/"), quoted(slug).rstrip("/")}
    return paths | {f"{settings.SITE_URL}{path}" for path in paths}


def _spellings(slug: str) -> list[str]:
    """The slug with letters of any script, and as it stands in an address."""
    return sorted({slug, quoted(slug).rstrip("/").rpartition("/")[2]})


def linking_to(slugs: Iterable[str]) -> Any:
    """Posts outside the trash whose texts link or refer to one of these slugs."""
    slugs = list(slugs)
    leads = {way for slug in slugs for way in ways(slug)}
    leads |= {f"post:{name}" for slug in slugs for name in _spellings(slug)}
    condition = RawSQL(LINKING, [sorted(leads)], output_field=models.BooleanField())  # noqa: S611 # all values are bound
    return Post.objects.kept().filter(condition)


# --- Links follow a post that moves


def follow(post_id: int, former: str, *, at: datetime) -> Iterator[Post]:
    """Rewrites the texts that link to the post by its former slug, and drafts on top of them; yields each post that has
    changed, one transaction each. A text that can't be rendered keeps the former address, which leads on."""
    moved = Post.objects.only("slug").filter(pk=post_id).first()
    if moved is None or moved.slug == former or Post.objects.filter(slug=former).exists():
        return
    in_drafts = models.Q()
    for name in _spellings(former):
        in_drafts |= models.Q(draft__content__body__icontains=name)
    drafts = Post.objects.kept().filter(in_drafts, draft__isnull=False).order_by()
    wanted = {
        *linking_to([former]).order_by().values_list("pk", flat=True),
        *drafts.values_list("pk", flat=True),
    }
    for key in sorted(wanted):
        try:
            with transaction.atomic():
                post = editing.locked(Post(pk=key))
                if _rewritten(post, former, moved.slug, at=at):
                    yield post
        except (Post.DoesNotExist, markup.RenderRefused, workflow.NotReady):
            continue


def _rewritten(post: Post, former: str, slug: str, *, at: datetime) -> bool:
    """Whether the text of the post, or of the draft on top of it, has changed. Its words are the same, so readers are
    told of no change."""
    body, draft = rewrite(post.body, former, slug), post.draft
    note = _("Links to “{former}” follow it to “{slug}”.").format(former=former, slug=slug)
    over = rewrite(draft.content["body"], former, slug) if draft else ""
    changed = False
    if body != post.body:
        post.body = body
        post.version += 1
        post.save(update_fields=["body", "version", *DERIVED_BY_RENDER])
        workflow.settle(post, at=at, note=note[:300])
        changed = True
    if draft and over != draft.content["body"] and post.status == Post.Status.PUBLISHED:
        editing.save(post, draft.content | {"body": over}, at=at, by=None, on_top=True)
        changed = True
    return changed


def rewrite(body: str, former: str, slug: str) -> str:
    """The Markdown with links and references to the post `former` leading to `slug`, and nothing else changed: what
    stands in code, or only looks like a link, is kept. Which is which, the renderer says: each place gets a slug of its
    own, and those that the rendering links to are real.

    Raises:
        markup.RenderRefused: the text can't be rendered.
    """
    names = "|".join(re.escape(name) for name in _spellings(former))
    folder = re.escape(quoted("x").removesuffix("x/"))
    place = re.compile(rf"((?:{folder}|\bpost:))({names})(?![-\w%])")
    stem = "q"
    while stem in body:
        stem += "q"
    tried, count = _numbered(place, body, lambda number: f"{stem}-{number}")
    if not count:
        return body
    rendered = markup.render_isolated(tried)
    real = {name for name, _ in rendered.crossings}
    links = {_bare(link) for link in rendered.links}
    real |= {f"{stem}-{n}" for n in range(1, count + 1) if links & ways(f"{stem}-{n}")}
    return _numbered(place, body, lambda n: slug if f"{stem}-{n}" in real else "")[0]


def _numbered(place: re.Pattern[str], body: str, name: Any) -> tuple[str, int]:
    number = 0

    def put(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"{found[1]}{name(number) or found[2]}"

    return place.sub(put, body), number
