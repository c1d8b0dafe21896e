"""Rules about what stands around the text: title, slug, summary, filing, authors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .base import SUMMARY_LENGTH, Candidate, Say, rule
from .known import Known
from .severity import BLOCK

SEARCH_TITLE = 75  # characters: what a search engine's line of about 600 pixels holds
SEARCH_SUMMARY = 160  # characters: two such lines
BREAK = re.compile(r"\s[–—|-]\s|[:：|]\s*")  # where a title may be cut and still says something
SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")
TAG = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-([A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3}))*"
)


@rule(
    "title", field="title", title=gettext_lazy("Title"), severity=BLOCK, locked=True,
    why=gettext_lazy("Listings, feeds and search results show nothing else as the link."),
)  # fmt: skip
def title(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.title.strip():
        yield Say(_("The post has no title. Write one."))


@rule(
    "slug", field="slug", title=gettext_lazy("Slug"), severity=BLOCK, locked=True,
    why=gettext_lazy("It is the last part of the post's address."),
)  # fmt: skip
def slug(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.slug:
        yield Say(
            _("The post has no slug, so it would have no address. Write one, or let the title make it.")
        )


@rule(
    "level", field="learning_level", title=gettext_lazy("Learning level"), severity=BLOCK, locked=True,
    why=gettext_lazy("Readers choose by level in every listing; a post without one would be in none of them."),
)  # fmt: skip
def level(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.learning_level:
        yield Say(_("The post has no learning level. Choose the one whose description fits its readers."))


@rule(
    "category", field="categories", title=gettext_lazy("Category"), severity=BLOCK, locked=True,
    why=gettext_lazy("A post that is filed nowhere is found by search alone."),
)  # fmt: skip
def category(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.categories:
        yield Say(_("The post is filed nowhere. Choose at least one category."))


@rule(
    "author", field="bylines", title=gettext_lazy("Author"), severity=BLOCK,
    why=gettext_lazy("Readers weigh a text by who answers for it."),
)  # fmt: skip
def author(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.authors:
        yield Say(_("The post has no author. Name at least one."))


@rule(
    "summary", field="summary", title=gettext_lazy("Summary"), severity=BLOCK, locked=True,
    why=gettext_lazy("Listings, feeds and search results show it below the title."),
)  # fmt: skip
def summary(post: Candidate, known: Known) -> Iterator[Say]:
    if not post.summary.strip():
        yield Say(_("The summary is missing; listings show it below the title. Write one paragraph."))


def _wanted() -> str:
    return _("{least} to {most}").format(least=SUMMARY_LENGTH[0], most=SUMMARY_LENGTH[-1])


@rule(
    "short-summary", field="summary", title=gettext_lazy("Summary says little"),
    why=gettext_lazy("In a listing it is what readers decide by."),
)  # fmt: skip
def short_summary(post: Candidate, known: Known) -> Iterator[Say]:
    length = len(post.summary.strip())
    if 0 < length < SUMMARY_LENGTH[0]:
        yield Say(
            _(
                "The summary has {length} characters; listings are best served by {wanted}. Say what a "
                "reader will know afterwards."
            ).format(length=length, wanted=_wanted())
        )


@rule(
    "long-summary", field="summary", title=gettext_lazy("Summary too long"), severity=BLOCK,
    why=gettext_lazy("Listings would be walls of text."),
)  # fmt: skip
def long_summary(post: Candidate, known: Known) -> Iterator[Say]:
    length = len(post.summary.strip())
    if length > SUMMARY_LENGTH[-1]:
        yield Say(
            _(
                "The summary has {length} characters; listings are best served by {wanted}. Move the rest "
                "into the text."
            ).format(length=length, wanted=_wanted())
        )


@rule(
    "long-title", field="title", title=gettext_lazy("Title in search results"),
    why=gettext_lazy("Search engines cut what does not fit one line; its first words must say enough."),
)  # fmt: skip
def long_title(post: Candidate, known: Known) -> Iterator[Say]:
    first = BREAK.split(post.title.strip(), maxsplit=1)[0]
    if len(first) > SEARCH_TITLE:
        seen = post.title.strip()[:SEARCH_TITLE].rsplit(" ", 1)[0]
        yield Say(
            _(
                "Search results would cut the title after “{seen}”. Put what matters there, or shorten it to "
                "{search_title} characters; it has {number}."
            ).format(seen=seen, search_title=SEARCH_TITLE, number=len(post.title.strip()))
        )


@rule(
    "search-summary", field="summary", title=gettext_lazy("Summary in search results"),
    why=gettext_lazy("Search engines show its beginning; a sentence that ends there is read, one that is cut is not."),
)  # fmt: skip
def search_summary(post: Candidate, known: Known) -> Iterator[Say]:
    text = " ".join(post.summary.split())
    first = SENTENCE.split(text, maxsplit=1)[0]
    if len(first) > SEARCH_SUMMARY and len(text) <= SUMMARY_LENGTH[-1]:
        yield Say(
            _(
                "The summary's first sentence has {number} characters; search results show about "
                "{search_summary}. Begin with a shorter one that says the main thing."
            ).format(number=len(first), search_summary=SEARCH_SUMMARY)
        )


@rule(
    "language-tag", field="language", title=gettext_lazy("Language"),
    why=gettext_lazy("Screen readers choose their voice by it, and browsers their hyphens."),
)  # fmt: skip
def language_tag(post: Candidate, known: Known) -> Iterator[Say]:
    if post.language and not TAG.fullmatch(post.language):
        yield Say(
            _("“{language}” is no language tag (BCP 47). Write one such as en, de, pt-BR or zh-Hant.").format(
                language=post.language
            )
        )


# What letters say of a language: those of its script are there, or the tag is wrong.
SCRIPTS = {
    "cjk": re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"),
    "korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "greek": re.compile("[\u0370-\u03ff]"),
    "arabic": re.compile("[\u0600-\u06ff\u0750-\u077f]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
WRITTEN_IN = {
    "cjk": {"ja", "zh", "yue", "wuu", "nan", "hak"},
    "korean": {"ko"},
    "cyrillic": {"ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn", "tg"},
    "greek": {"el"},
    "arabic": {"ar", "fa", "ur", "ps", "ug", "ckb"},
    "hebrew": {"he", "yi"},
    "latin": {"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "nn", "no", "fi", "pl", "cs", "sk", "sl",
              "hr", "hu", "ro", "tr", "vi", "id", "ms", "ca", "eu", "gl", "et", "lv", "lt", "is", "ga"},
}  # fmt: skip
LETTERS = {
    "cjk": gettext_lazy("Japanese or Chinese"),
    "korean": gettext_lazy("Korean"),
    "cyrillic": gettext_lazy("Cyrillic"),
    "greek": gettext_lazy("Greek"),
    "arabic": gettext_lazy("Arabic"),
    "hebrew": gettext_lazy("Hebrew"),
    "latin": gettext_lazy("Latin"),
}
SAMPLE = 20_000  # characters


@rule(
    "text-language", field="language", title=gettext_lazy("Language of the text"),
    why=gettext_lazy("A text that is read out in the voice of another language can't be understood."),
)  # fmt: skip
def text_language(post: Candidate, known: Known) -> Iterator[Say]:
    spoken = post.language.lower().partition("-")[0]
    usual = next((script for script, tongues in WRITTEN_IN.items() if spoken in tongues), None)
    if usual is None or "-" in post.language and len(post.language.split("-")[1]) == 4:
        return  # unknown, or the tag itself names a script
    counts = {script: len(letters.findall(post.page.prose[:SAMPLE])) for script, letters in SCRIPTS.items()}
    total = sum(counts.values())
    most = max(counts, key=lambda script: counts[script])
    # Latin names and terms stand in texts of every script, so those say less.
    enough = 0.9 if most == "latin" else 0.5
    if total >= 200 and most != usual and counts[most] / total > enough:
        yield Say(
            _(
                "The language is “{language}”, but the text is in {most} letters. Correct the language."
            ).format(language=post.language, most=LETTERS[most])
        )
