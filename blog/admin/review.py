"""The review of a post: its newest words with what was said beside each passage, and the verdicts on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog import markup
from blog.models import Approval, Comment, Post, PostPage, read_post_page
from blog.publishing import approvals, contents, review
from blog.publishing.contents import Content

from . import access, around
from .base import form_of
from .choosing import possible_keys
from .state import describe

MOST = 500  # comments that one page shows
BEGUN = 70  # characters by which a passage is told in the list of passages
Place = Comment.Place


@dataclass
class Thread:
    """A comment with its answers. `lost` when what it was about is no longer in the text."""

    first: Comment
    replies: list[Comment] = field(default_factory=list)
    lost: bool = False
    open: bool = False


@dataclass
class Shown:
    """A passage of the text with what was said of it; `number` counts from 1."""

    number: int
    html: str
    text: str
    figure: str
    threads: list[Thread] = field(default_factory=list)

    @property
    def begins(self) -> str:
        text = self.text or self.figure
        return text if len(text) <= BEGUN else text[: BEGUN - 1].rstrip() + "…"


@dataclass
class Standing:
    """How far the approvals are: what is `needed`, the verdicts on the words as they stand, and what is lacking."""

    needed: int
    verdicts: list[Approval]
    lacking: list[str]

    @property
    def approved(self) -> int:
        return sum(one.verdict == Approval.Verdict.APPROVED for one in self.verdicts)


def urls(model_admin: Any) -> list[URLPattern]:
    """The address of the review, below the post's."""

    def answer(request: HttpRequest, object_id: int) -> HttpResponse:
        return Door(model_admin, request, object_id).answer()

    return [
        path("<int:object_id>/review/", model_admin.admin_site.admin_view(answer), name="blog_post_review")
    ]


def standing(post: Post, content: Content, given: list[Approval]) -> Standing:
    seen = around.known_of(post)
    needed = seen.approvals if seen else approvals.needed(content["categories"])
    verdicts = approvals.standing(post, content, given, seen.users if seen else None)
    return Standing(needed, verdicts, approvals.lacking(needed, verdicts))


def panel(request: HttpRequest, post: Post | None) -> dict[str, Any] | None:
    """What the form of a post shows of its review; None where there is nothing to say yet. Two queries, three where
    somebody has judged it, and two more for a form that comes back."""
    if post is None or not post.pk:
        return None
    open_ones = Comment.objects.filter(post=post, parent=None, resolved_at=None).exclude(place=Place.NOTE)
    said = list(open_ones.select_related("author").order_by("-made_at", "-pk")[:6])
    given = approvals.given(post)
    seen = around.known_of(post)
    shown = standing(post, seen.head if seen else contents.head(post), given)
    return {
        "url": reverse("admin:blog_post_review", args=[post.pk]),
        "comments": said[:5],
        "more": len(said) > 5,
        "standing": shown,
        "in_review": post.status == Post.Status.REVIEW,
        "may_review": access.may_review(request.user, post),
        "may_submit": post.status == Post.Status.DRAFT and access.may_edit(request.user, post),
    }


class Door:
    """One request for the review of one post."""

    def __init__(self, model_admin: Any, request: HttpRequest, object_id: int) -> None:
        self.model_admin, self.request = model_admin, request
        self.user: Any = request.user
        post = model_admin.get_object(request, str(object_id))
        if post is None:
            raise Http404(_("There is no such post; perhaps it was deleted."))
        access.demand_see(self.user, post)
        self.post: Post = post
        self.at = timezone.now()
        self.url = reverse("admin:blog_post_review", args=[post.pk])

    def answer(self) -> HttpResponse:
        if self.request.method == "GET":
            return self.page()
        if self.request.method != "POST":
            return HttpResponseNotAllowed(["GET", "POST"])
        deeds = {
            "comment": self.comment, "reply": self.reply, "resolve": self.resolve, "reopen": self.reopen,
            "approve": self.approve, "changes": self.changes, "submit": self.submit, "take_back": self.take_back,
        }  # fmt: skip
        deed = deeds.get(self.request.POST.get("do", ""))
        if deed is None:
            messages.error(self.request, _("Nothing was done: the form named nothing that is done here."))
            return HttpResponseRedirect(self.url)
        try:
            return HttpResponseRedirect(self.url + deed())
        except ValueError as refusal:
            messages.error(self.request, str(refusal))
            return self.page()  # with all that was typed
        except review.Stale:
            messages.error(
                self.request,
                _("The post was saved while you were reading. Look at it as it is now, then decide."),
            )
            return self.page()

    # --- What is done; each returns where the page goes on

    def comment(self) -> str:
        access.demand(access.may_comment(self.user, self.post), _("You can't comment on this post."))
        data, text = self.request.POST, self.request.POST.get("text", "")
        where = data.get("passage", "")
        given: dict[str, Any] = {"place": Place.POST}
        if where in {Place.TITLE, Place.SUMMARY}:
            given["place"] = where
        elif where:
            given = self._passage(where)
        made = review.comment(self.post, text, by=self.user, at=self.at, **given)
        return f"#comment-{made.pk}"

    def _passage(self, number: str) -> dict[str, Any]:
        """What is remembered of the passage by that number, or of the words chosen in it. Raises ValueError."""
        shown, keys = self.shown(), possible_keys([number])
        if not keys or not 1 <= int(keys[0]) <= len(shown):
            raise ValueError(_("The text has no such passage any more; choose it again."))
        index, data = int(keys[0]) - 1, self.request.POST
        if shown[index].figure:
            return {"place": Place.FIGURE, "figure_key": shown[index].figure}
        before = " ".join(one.text for one in shown[max(0, index - 2) : index])
        after = " ".join(one.text for one in shown[index + 1 : index + 3])
        given = {"place": Place.BODY, "quote": shown[index].text, "before": before, "after": after}
        chosen = review.plain(data.get("quote", ""))[:1_000]
        rest = " ".join(one.text for one in shown[index : index + 20])
        if chosen and chosen in rest:
            given |= {"quote": chosen, "before": data.get("before", ""), "after": data.get("after", "")}
        return given

    def reply(self) -> str:
        access.demand(access.may_comment(self.user, self.post), _("You can't comment on this post."))
        made = review.reply(self.named(), self.request.POST.get("text", ""), by=self.user, at=self.at)
        return f"#comment-{made.pk}"

    def resolve(self) -> str:
        return self._close(done=True)

    def reopen(self) -> str:
        return self._close(done=False)

    def _close(self, *, done: bool) -> str:
        access.demand(access.may_comment(self.user, self.post), _("You can't resolve comments on this post."))
        one = self.named()
        review.resolve(one, by=self.user, at=self.at if done else None)
        return f"#comment-{one.pk}"

    def named(self) -> Comment:
        """The comment that the form names. Raises Http404 where the post has no such one."""
        keys = possible_keys([self.request.POST.get("comment", "")])
        found = (
            Comment.objects.filter(post=self.post, pk__in=keys).select_related("post", "parent__post").first()
        )
        if found is None:
            raise Http404(_("The post has no such comment."))
        return found

    def approve(self) -> str:
        return self._judge(Approval.Verdict.APPROVED, _("You have approved “%(post)s” as it stands."))

    def changes(self) -> str:
        return self._judge(
            Approval.Verdict.CHANGES, _("You have asked for changes; “%(post)s” is with its author again.")
        )

    def _judge(self, verdict: str, told: str) -> str:
        refusal = _("Reviewers judge the posts of others; ask somebody else to look at yours.")
        access.demand(access.may_review(self.user, self.post), refusal)
        data = self.request.POST
        review.judge(
            self.post,
            verdict,
            by=self.user,
            at=self.at,
            seen=data.get("seen", ""),
            sentence=data.get("sentence", ""),
        )
        messages.success(self.request, told % {"post": self.post})
        return ""

    def submit(self) -> str:
        access.demand_edit(self.user, self.post)
        note = self.request.POST.get("note", "")
        review.hand_over(self.post, to_review=True, by=self.user, at=self.at, note=note)
        messages.success(self.request, _("“%(post)s” is in review now.") % {"post": self.post})
        return ""

    def take_back(self) -> str:
        access.demand_edit(self.user, self.post)
        review.hand_over(self.post, to_review=False, by=self.user, at=self.at)
        messages.success(self.request, _("“%(post)s” is a draft again.") % {"post": self.post})
        return ""

    # --- What is shown

    def head(self) -> Post:
        """The post with its newest words, in memory only."""
        if "content" not in self.__dict__:
            self.content = contents.head(self.post)
            if self.post.draft:
                contents.fill(self.post, self.content)
                self.post.render()
            self.given = approvals.given(self.post)
        return self.post

    def shown(self) -> list[Shown]:
        cut = markup.passages(self.head().body_html)
        return [Shown(n, one.html, one.text, one.figure) for n, one in enumerate(cut, start=1)]

    def page(self) -> HttpResponse:
        """The review as a page; a form that was refused is filled in again."""
        post, shown = self.head(), self.shown()
        threads = self.threads()
        beside = {where: [t for t in threads if t.first.place == where] for where in Place.values}
        lost = self.place(beside[Place.BODY] + beside[Place.FIGURE], shown)
        said = standing(post, self.content, self.given)
        refused = self.request.method == "POST"
        typed = self.request.POST if refused else {}
        chosen = self.request.GET.get("on", "") if not refused else typed.get("passage", "")
        may_edit = access.may_edit(self.user, self.post)
        count = sum(t.first.resolved_at is None for t in threads if t.first.place != Place.NOTE)
        context = self.model_admin.admin_site.each_context(self.request) | {
            "title": _("Review of “%(post)s”") % {"post": post},
            "opts": self.model_admin.opts,
            "post": post,
            "form_url": form_of(post),
            "state": describe(self.post, self.at),
            "passages": shown,
            "choices": [(str(one.number), one.begins) for one in shown if one.text or one.figure],
            "chosen": chosen,
            "chosen_passage": next((one for one in shown if str(one.number) == chosen), None),
            "beside": beside,
            "lost": lost,
            "notes": [t for t in beside[Place.NOTE] if t.first.resolved_at is None],
            "open": ngettext("%(n)s open comment", "%(n)s open comments", count) % {"n": count},
            "verdicts": self.log(),
            "standing": said,
            "seen": approvals.digest(self.content),
            "typed": typed,
            "on_top": bool(post.draft_id),
            "may_comment": access.may_comment(self.user, self.post),
            # What readers have already is judged no more, unless it still lacks an approval.
            "may_review": access.may_review(self.user, self.post)
            and (self.post.status != Post.Status.PUBLISHED or bool(self.post.draft_id or said.lacking)),
            "may_submit": may_edit and (self.post.status == Post.Status.DRAFT or bool(post.draft_id)),
            "may_take_back": may_edit and self.post.status == Post.Status.REVIEW,
        }
        context["page"] = self.words(post)  # last: it makes up what the page does not show
        response = render(self.request, "admin/blog/post/review.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    def words(self, post: Post) -> PostPage:
        """What the figures and references in the text need; nothing else of the page is shown."""
        post.__dict__["tag_list"] = []
        post.__dict__.setdefault("_prefetched_objects_cache", {}).update(bylines=[], categories=[])
        post.published_at = post.published_at or self.at
        return read_post_page(post, at=self.at, placed=post.facts.get("figures", []))

    def log(self) -> list[Approval]:
        """The newest verdicts, whatever words they were on; `current` are those on the words as they stand."""
        digest = approvals.digest(self.content)
        for one in self.given[:20]:
            one.current = one.digest == digest  # type: ignore[attr-defined]
        return self.given[:20]

    def threads(self) -> list[Thread]:
        rows = Comment.objects.filter(post=self.post).select_related("author", "resolved_by")
        found: dict[int, Thread] = {}
        newest = sorted(
            rows.order_by(F("parent").asc(nulls_first=True), "-made_at", "-pk")[:MOST], key=_by_date
        )
        for one in newest:
            if one.parent_id is None:
                found[one.pk] = Thread(one, open=one.resolved_at is None)
        for one in newest:
            if one.parent_id in found:
                found[one.parent_id].replies.append(one)
        return list(found.values())

    def place(self, threads: Iterable[Thread], shown: list[Shown]) -> list[Thread]:
        """Puts the conversations beside their passages; returns those whose passage is gone."""
        texts, lost = [one.text for one in shown], []
        figures = {one.figure: index for index, one in enumerate(shown) if one.figure}
        for thread in threads:
            first = thread.first
            if first.place == Place.FIGURE:
                index = figures.get(first.figure_key)
            else:
                index = review.locate(first, texts)
            if index is None:
                thread.lost = True
                lost.append(thread)
            else:
                shown[index].threads.append(thread)
        return lost


def _by_date(one: Comment) -> tuple[Any, int]:
    return one.made_at, one.pk
