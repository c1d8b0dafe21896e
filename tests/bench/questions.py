"""What is asked of the search: twenty questions, from a word that one post of a thousand has to words that nearly all have."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse

from blog.transfer.synthetic import corpus

from .targets import Target

ALLOWED_MS = {100_000: 50.0, 1_000_000: 80.0}
"""For ninety-five of a hundred answers, over all questions, each asked equally often: of so many posts at most."""

# Words stand for ranks of frequency: {0} is the most frequent word of the corpus, {4000} one of the rarest.
QUESTIONS = {
    "a rare word": "{4000}",
    "a word of few posts": "{1500}",
    "a word of some posts": "{600}",
    "a word of many posts": "{200}",
    "a word of half the posts": "{70}",
    "a word of nearly all": "{4}",
    "two rare words": "{2500} {3000}",
    "two words": "{300} {700}",
    "two frequent words": "{30} {60}",
    "three words": "{40} {300} {900}",
    "either of two": "{900} or {1200}",
    "one without another": "{300} -{70}",
    "a phrase": '"{20} {35}"',
    "a phrase of rarer words": '"{300} {90}"',
    "a word at a level": "{200} level:300",
    "a word in a category": "{200} category:storage",
    "a frequent word, narrowed": "{60} category:networking level:200",
    "a word with a tag": "{70} tag:topic-003",
    "a word of a year": "{150} from:2020 to:2020",
    "a misspelt word": "thruoghput",
}


def allowed_ms(posts: int) -> float:
    """What is allowed with so many posts: that of the next larger number that there is a limit for."""
    return next((limit for most, limit in ALLOWED_MS.items() if posts <= most), max(ALLOWED_MS.values()))


def questions() -> Iterator[Target]:
    """The twenty, as pages to measure."""
    words = corpus.vocabulary()
    named = {str(rank): word for rank, word in enumerate(words)}
    for name, text in QUESTIONS.items():
        for rank, word in named.items():
            text = text.replace(f"{{{rank}}}", word)
        yield Target(name, text, f"{reverse('search')}?{urlencode({'q': text})}")
