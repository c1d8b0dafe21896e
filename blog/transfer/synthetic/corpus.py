"""The synthetic publication: what is in it follows from the seed, the number of posts and their length alone."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

SEED = 20_260_301
TAGS, AUTHORS, FIGURES, BODIES = 200, 100, 40, 8
WORDS = 600
"""How long a post's text is unless another length is asked for."""

FEWEST_WORDS, MOST_WORDS = 50, 5_000
VOCABULARY = 5_000
FIRST = datetime(2012, 1, 2, 9, 0, tzinfo=UTC)
LAST = datetime(2025, 12, 30, 9, 0, tzinfo=UTC)
EXPIRY = datetime(2026, 1, 5, tzinfo=UTC)
"""Posts that end then have been forgotten by the listings since; the few that end a day later have not yet."""
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)
LEVEL_SHARES = {100: 15, 200: 40, 300: 35, 400: 10}

# Of a hundred posts, how many have their home below each root: one category holds half of everything.
ROOT_SHARES = {"storage": 50, "networking": 20, "data": 12, "delivery": 10, "security": 6, "culture": 2}
CHILDREN = ("design", "operations", "field-notes")
GRANDCHILDREN = ("patterns", "pitfalls")
# Within a root: itself, its three children, their two children each; the last are the smallest categories of all.
NODE_WEIGHTS = (8, 12, 9, 7, 16, 12, 14, 12, 8, 2)

# ruff: noqa: SIM905 - words read better than lists of words
NOUNS = (
    "queue ledger replica shard cache gateway broker index snapshot pipeline scheduler journal quorum tenant lease "
    "partition checkpoint router balancer manifest bucket volume cluster region consumer producer cursor buffer "
    "segment digest token session worker controller registry sidecar proxy listener batch stream"
).split()
VERBS = (
    "drains copies retries replays rejects batches signs compacts orders promotes throttles audits splits merges "
    "restores fences elects publishes reads writes warms evicts measures bounds delays"
).split()
ADJECTIVES = (
    "idle stale hot cold durable regional bounded noisy shared sealed partial late ordered sparse warm quiet"
).split()


@dataclass(frozen=True)
class Place:
    """A category to be: its path, and how likely a post of its root is filed there."""

    path: str
    root: str
    weight: int

    @property
    def name(self) -> str:
        return " ".join(step.replace("-", " ").capitalize() for step in self.path.split("/")[-2:])


@dataclass(frozen=True)
class PostPlan:
    """One post to be. `categories`, `tags`, `authors`, `figure` and `body` are positions in their lists."""

    number: int
    title: str
    summary: str
    level: int
    published_at: datetime
    expires_at: datetime | None
    body: int
    figure: int
    categories: tuple[int, ...]
    tags: tuple[int, ...]
    authors: tuple[int, ...]

    @property
    def slug(self) -> str:
        return f"{self.title.lower().replace(' ', '-')}-{self.number}"


def tree() -> list[Place]:
    """The sixty categories, parents before their children."""
    places = []
    for root in ROOT_SHARES:
        paths = [root, *(f"{root}/{child}" for child in CHILDREN)]
        paths += [f"{root}/{child}/{leaf}" for child in CHILDREN for leaf in GRANDCHILDREN]
        places += [Place(path, root, weight) for path, weight in zip(paths, NODE_WEIGHTS, strict=True)]
    return places


def sentence(dice: Random) -> str:
    """A sentence that means nothing, with the lengths of words that technical prose has."""
    parts = []
    for _ in range(dice.randint(1, 3)):
        parts.append(
            f"the {dice.choice(ADJECTIVES)} {dice.choice(NOUNS)} {dice.choice(VERBS)} "
            f"every {dice.choice(NOUNS)} of its {dice.choice(NOUNS)}"
        )
    text = ", and ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def figure_key(number: int) -> str:
    return f"bench-{number + 1:02}"


def bodies(words: int = WORDS) -> list[str]:
    """Markdown of about `words` words each, with headings, and with two or three figures, code, a list and a table as
    far as the length has room for them: one of these for each hundred words."""
    return [body(Random(SEED + number), number, words) for number in range(BODIES)]


def body(dice: Random, number: int, wanted: int) -> str:
    blocks, words = [], 0
    keys = [figure_key((number * 3 + step) % FIGURES) for step in range(2 + number % 2)]
    extras = [f"![](figure:{key})" for key in keys]
    extras.append(
        "```python\n"
        + "\n".join(f"{n} = {n}.{v}(limit={len(v)})" for n, v in zip(NOUNS[:6], VERBS, strict=False))
        + "\n```"
    )
    extras.append("\n".join(f"- {sentence(dice)}" for _ in range(4)))
    extras.append(
        "| Part | Limit |\n|---|---|\n"
        + "\n".join(f"| {dice.choice(NOUNS)} | {dice.randint(2, 900)} |" for _ in range(5))
    )
    extras = extras[: max(1, wanted // 100)]
    for section in itertools.count(1):
        blocks.append(f"## {section}. How the {dice.choice(NOUNS)} {dice.choice(VERBS)}")
        for sentences in (3, 2):
            paragraph = " ".join(sentence(dice) for _ in range(sentences))
            blocks.append(paragraph)
            words += len(paragraph.split())
        if extras:
            blocks.append(extras.pop(0))
        if words >= wanted - 100 and not extras:
            return "\n\n".join(blocks) + "\n"
    raise AssertionError


@functools.cache
def vocabulary() -> tuple[str, ...]:
    """Words that no language has, the most frequent first, with the publication's own nouns and verbs among them: what
    posts are searched for. The first few hundred stand in most posts, the last in one of a hundred."""
    dice = Random(SEED)
    onsets = "b br c ch d dr f fl g gr h j k kl l m n p pl qu r s sh st t tr v w z".split()
    found = dict.fromkeys(("latency", "throughput"))
    while len(found) < VOCABULARY:
        found[
            "".join(dice.choice(onsets) + dice.choice("aeiou") for _ in range(dice.randint(2, 4)))
            + dice.choice("klmnrx")
        ] = None
    words = [*found, *NOUNS, *VERBS]
    dice.shuffle(words)
    return tuple(words[:VOCABULARY])


@functools.cache
def frequencies() -> list[float]:
    """Cumulated, as words are distributed in natural texts: https://en.wikipedia.org/wiki/Zipf%27s_law"""
    return list(itertools.accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))


def prose(number: int, words: int = WORDS) -> str:
    """The plain text of a post: so many words of its own, in sentences and paragraphs."""
    dice = Random(SEED + number)
    drawn = dice.choices(vocabulary(), cum_weights=frequencies(), k=words)
    lines, start = [], 0
    while start < words:
        length = dice.randint(30, 70)
        lines.append(f"{drawn[start].capitalize()} {' '.join(drawn[start + 1 : start + length])}.")
        start += length
    return "\n".join(lines)


def expiry(chance: float, number: int) -> datetime | None:
    """One post of two hundred ends; of these, some twenty so lately that the listings have not forgotten them."""
    if chance >= 0.005:
        return None
    return EXPIRY + timedelta(days=1) if number <= 4_000 else EXPIRY


def zipf(count: int) -> list[float]:
    """Cumulated weights of a Zipf-like distribution: the first is popular, the tail is long."""
    return list(itertools.accumulate(1 / (rank + 2) for rank in range(count)))


def distinct(dice: Random, count: int, weights: Sequence[float], wanted: int) -> tuple[int, ...]:
    """`wanted` different positions below `count`, in the order in which they were drawn."""
    found: dict[int, None] = {}
    while len(found) < wanted:
        found[dice.choices(range(count), cum_weights=weights)[0]] = None
    return tuple(found)


def plans(count: int) -> Iterator[PostPlan]:
    """The posts in the order of their publication, the scheduled last. Every fiftieth shares its instant with the one
    before, one of two hundred has expired, and up to twenty are scheduled."""
    dice = Random(SEED)
    places = tree()
    by_root = {root: [n for n, place in enumerate(places) if place.root == root] for root in ROOT_SHARES}
    weights = {
        root: list(itertools.accumulate(places[n].weight for n in mine)) for root, mine in by_root.items()
    }
    roots, shares = list(ROOT_SHARES), list(itertools.accumulate(ROOT_SHARES.values()))
    levels, level_shares = list(LEVEL_SHARES), list(itertools.accumulate(LEVEL_SHARES.values()))
    smaller, smaller_shares = roots[1:], list(itertools.accumulate(list(ROOT_SHARES.values())[1:]))
    scheduled = min(20, count // 50)
    step = (LAST - FIRST) / count
    summaries = [" ".join(sentence(dice) for _ in range(2)) for _ in range(400)]
    tag_weights, author_weights = zipf(TAGS), zipf(AUTHORS)
    when = FIRST
    for number in range(1, count + 1):
        if number % 50:
            when = (FIRST + step * number).replace(microsecond=0)
        late = number > count - scheduled
        root = dice.choices(roots, cum_weights=shares)[0]
        mine = by_root[root]
        filed = [mine[n] for n in distinct(dice, len(mine), weights[root], 2)]
        if dice.random() < 0.5:
            other = dice.choices(smaller, cum_weights=smaller_shares)[0]
            filed.append(dice.choices(by_root[other], cum_weights=weights[other])[0])
        yield PostPlan(
            number=number,
            title=f"How a {dice.choice(ADJECTIVES)} {dice.choice(NOUNS)} {dice.choice(VERBS)} the {dice.choice(NOUNS)}",
            summary=dice.choice(summaries),
            level=dice.choices(levels, cum_weights=level_shares)[0],
            published_at=FUTURE + timedelta(days=number % 365) if late else when,
            expires_at=None if late else expiry(dice.random(), number),
            body=number % BODIES,
            figure=dice.randrange(FIGURES),
            categories=tuple(dict.fromkeys(filed)),
            tags=distinct(dice, TAGS, tag_weights, 3),
            authors=distinct(dice, AUTHORS, author_weights, dice.choice((1, 1, 2, 3))),
        )
