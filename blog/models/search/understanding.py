"""From words and operators to conditions: what a query names is looked up, all of it in one statement."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import connection
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ..bits import MOST_UNSEALED
from . import conditions
from .conditions import Condition
from .grammar import UNSPACED, Filter, Query, Term
from .sets import All, Not, Set, set_of

LOOK_UP = """
    SELECT 'words' AS kind, n AS id,
        (CASE WHEN phrase THEN phraseto_tsquery('stratum', asked)
            ELSE plainto_tsquery('stratum', asked) END)::text AS value,
        '' AS name, '' AS slug, 0::bigint AS above
    FROM unnest(%(texts)s::text[], %(phrases)s::boolean[]) WITH ORDINALITY AS asked(asked, phrase, n)
    UNION ALL SELECT 'size', greatest(reltuples, 1)::bigint, '', '', '', 0
        FROM pg_class WHERE oid = 'blog_entry'::regclass
    UNION ALL SELECT 'seal', id, zone, '', '',
        (SELECT count(*) FROM (SELECT FROM blog_unsealed LIMIT 10000) AS counted) FROM blog_seal
    UNION ALL SELECT 'common', 0, value, kind, '', 0 FROM blog_common
        WHERE kind = ANY('{word,head}') AND value = ANY(%(pairs)s || ARRAY(
            SELECT unnest(tsvector_to_array(to_tsvector('stratum', asked))) FROM unnest(%(texts)s::text[]) AS asked
        ))
    UNION ALL SELECT 'level', id, number::text, name, slug, 0 FROM blog_learninglevel
    UNION ALL
    SELECT 'category', id, path, name, slug, coalesce(parent_id, 0) FROM blog_category
    WHERE parent_id IS NULL OR lower(path) = ANY(%(category)s) OR lower(slug) = ANY(%(category)s)
        OR parent_id IN (
            SELECT id FROM blog_category WHERE lower(path) = ANY(%(category)s) OR lower(slug) = ANY(%(category)s)
        )
    UNION ALL SELECT 'tag', id, '', name, slug,
        (SELECT count(*) FROM blog_common WHERE kind = 'tag' AND value = blog_tag.id::text) FROM blog_tag
        WHERE slug = ANY(%(tag)s) OR lower(name) = ANY(%(tag)s)
    UNION ALL SELECT 'author', id, '', name, slug,
        (SELECT count(*) FROM blog_common WHERE kind = 'author' AND value = blog_author.id::text) FROM blog_author
        WHERE slug = ANY(%(author)s) OR lower(name) = ANY(%(author)s)
    UNION ALL SELECT 'series', id, '', title, slug, 0 FROM blog_series
        WHERE slug = ANY(%(series)s) OR lower(title) = ANY(%(series)s)
"""
LOOKED_UP = ("category", "tag", "author", "series")
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2999
LEXEME = re.compile(r"'(?:[^']|'')*'(?::\*)?")


@dataclass(frozen=True)
class Named:
    """A row that an operator may mean: `value` is a level's number or a category's path, `above` a category's parent,
    or 1 for a tag or an author that very many posts have."""

    id: int
    value: str
    name: str
    slug: str
    above: int

    @property
    def spellings(self) -> set[str]:
        return {one.casefold() for one in (self.value, self.name, self.slug, f"l{self.value}") if one}


@dataclass
class Understood:
    """A query with everything looked up. `match` and `excluded` are tsqueries, empty for none; `lexemes` the words to
    rank and mark by, `runs` those of scripts without spaces."""

    query: Query
    groups: list[str] = field(default_factory=list)
    excluded: str = ""
    lexemes: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    conditions: dict[str, list[Condition]] = field(default_factory=dict)
    labels: dict[Filter, str] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    unknown: list[Filter] = field(default_factory=list)
    levels: list[Named] = field(default_factory=list)
    shelves: dict[int, Named] = field(default_factory=dict)
    """The categories to count by: the topmost, or those right below the ones asked for."""
    within_category: bool = False
    size: int = 1
    """How many entries there are, nearly."""
    seal: int = 0
    """The seal of the bits that answer this (`models.bits`), or 0 where entries must be read."""
    common: frozenset[tuple[str, str]] = frozenset()

    @property
    def match(self) -> str:
        return " & ".join(f"({group})" for group in self.groups)

    @property
    def any(self) -> str:
        return " | ".join(self.lexemes)

    def tsquery(self, match: str | None = None) -> str:
        """What is wanted without what is not; empty where nothing is wanted by words."""
        match = self.match if match is None else match
        return f"({match}) & !({self.excluded})" if match and self.excluded else match

    def where(
        self, at: datetime, *, match: str | None = None, but: str = "", heads: str = "", of_few: bool = False
    ) -> Condition:
        """The condition on `blog_entry` of what the query finds at `at`. `match` stands in place of its own words,
        `but` leaves the conditions of one operator out, or the `words`, and `heads` asks for these words in titles
        and summaries. It asks indexes first, unless it is put to a few rows that are known already (`of_few`)."""
        parts = [conditions.live(at)]
        if any(one.key != but for one in self.unknown):
            parts.append(conditions.NOTHING)
        for key, those in self.conditions.items():
            parts += those if key != but else []
        if heads:
            parts.append(Condition("heads @@ %s::tsquery", (heads,)))
        wanted = self.tsquery(match)
        if wanted and but != "words":
            looked_at = Condition("words @@ %s::tsquery", (wanted,))
            parts.append(looked_at if of_few else conditions.matching(wanted))
        elif self.excluded and (heads or but != "words"):
            parts.append(conditions.without(self.excluded, of_few=of_few))
        return conditions.every(parts)

    def as_set(self, *, heads: bool = False) -> Set:
        """All that the query finds, as bits; or what of it has the words in its `heads`."""
        parts = [one.set for those in self.conditions.values() for one in those if one.set]
        if self.match:
            parts.append(set_of(self.match, "head" if heads else "word", self.common))
        if self.excluded:
            parts.append(Not(set_of(self.excluded, "word", self.common)))
        return All(tuple(parts))


def understand(query: Query) -> Understood:
    """One query, whatever is asked."""
    understood = Understood(query)
    terms = [term for group in query.groups for term in group] + list(query.excluded)
    parts = {term: _parts(term) for term in terms}
    plain = [
        (part, term.phrase) for term, found in parts.items() for part in found if not UNSPACED.match(part)
    ]
    asked: dict[str, list[str]] = {key: [] for key in LOOKED_UP}
    for one in query.filters:
        if one.key in asked:
            folded = one.value.strip("/ ").lower()
            asked[one.key] += [folded, slugify(folded, allow_unicode=True)]
    rows: dict[str, list[Named]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            LOOK_UP,
            {
                "texts": [p for p, _phrase in plain],
                "phrases": [phrase for _p, phrase in plain],
                "pairs": [pair for found in parts.values() for part in found for pair in _pairs_of(part)],
                **asked,
            },
        )
        for kind, *row in cursor.fetchall():
            rows[kind].append(Named(*row))
    written = {plain[one.id - 1]: one.value for one in rows["words"]}
    _take_words(understood, parts, written)
    understood.size = rows["size"][0].id
    understood.common = frozenset((one.name, one.value) for one in rows["common"])
    for seal in rows["seal"]:
        if seal.above <= MOST_UNSEALED and seal.value == str(timezone.get_current_timezone()):
            understood.seal = seal.id
    understood.levels = sorted(rows["level"], key=lambda one: int(one.value))
    _take_filters(understood, rows)
    chosen = {one.id for one in rows["category"] if _means(understood.query, "category", one)}
    understood.within_category = bool(chosen)
    understood.shelves = {
        one.id: one for one in rows["category"] if (one.above in chosen if chosen else one.above == 0)
    }
    if query.cut:
        understood.sentences.insert(0, _("Your search is long: only its beginning was read."))
    return understood


def _parts(term: Term) -> list[str]:
    """A term, cut where a script without spaces begins or ends."""
    runs = UNSPACED.findall(term.text)
    rest = [part for part in UNSPACED.split(term.text) if any(c.isalnum() for c in part)]
    return [*rest, *runs]


def _pairs(run: str) -> str:
    """The tsquery of a run without spaces, as `stratum_pairs` has stored it."""
    if len(run) == 1:
        return f"'{run}':*"
    return "(" + " <-> ".join(f"'{pair}'" for pair in _pairs_of(run)) + ")"


def _pairs_of(run: str) -> list[str]:
    return [run[n : n + 2] for n in range(len(run) - 1)] if UNSPACED.match(run) else []


def _take_words(
    understood: Understood, parts: dict[Term, list[str]], written: dict[tuple[str, bool], str]
) -> None:
    def tsquery(term: Term) -> str:
        found = [_pairs(one) if UNSPACED.match(one) else written[one, term.phrase] for one in parts[term]]
        return " & ".join(f"({one})" for one in found if one)

    for group in understood.query.groups:
        found = {term: tsquery(term) for term in group}
        understood.ignored += [term.text for term, one in found.items() if not one]
        if any(found.values()):
            understood.groups.append(" | ".join(f"({one})" for one in found.values() if one))
        understood.runs += [run for term in group for run in UNSPACED.findall(term.text)]
    understood.excluded = " | ".join(f"({one})" for one in map(tsquery, understood.query.excluded) if one)
    understood.lexemes = list(dict.fromkeys(LEXEME.findall(understood.match)))
    if understood.ignored and not understood.groups:
        words = ", ".join(_("“%(word)s”") % {"word": one} for one in understood.ignored)
        understood.sentences.append(
            _(
                "%(words)s can be found in almost every text, so nothing was searched for it. Add a rarer word."
            )
            % {"words": words}
        )


def _means(query: Query, key: str, row: Named) -> bool:
    return any(one.key == key and not one.excluded and _is(one, row) for one in query.filters)


def _is(one: Filter, row: Named) -> bool:
    value = one.value.strip("/ ")
    return bool({value.casefold(), slugify(value, allow_unicode=True)} & row.spellings)


def _take_filters(understood: Understood, rows: dict[str, list[Named]]) -> None:
    wanted: dict[tuple[str, bool], set[int]] = defaultdict(set)
    kinds = {"level": _("level"), "category": _("category"), "tag": _("tag"), "author": _("author"),
             "series": _("series"), "lang": _("language"), "from": _("from"), "to": _("until")}  # fmt: skip
    spans: dict[str, list[datetime]] = defaultdict(list)
    languages: dict[bool, list[str]] = defaultdict(list)
    for one in understood.query.filters:
        if not one.value:
            understood.sentences.append(
                _("Write what you mean right behind “%(key)s:”, without a space.") % {"key": one.key}
            )
            continue
        understood.labels[one] = label_of(one, kinds[one.key], one.value)
        if one.key in {"from", "to"}:
            if span := _span(one):
                spans[one.key].append(span[one.key == "to"])
                continue
            understood.sentences.append(
                _("“%(filter)s” is not a date. Write %(key)s:2026, %(key)s:2026-02 or %(key)s:2026-02-15.")
                % {"filter": one, "key": one.key}
            )
            understood.unknown.append(one)
        elif one.key == "lang":
            languages[one.excluded].append(one.value.lower())
        elif found := [row for row in rows[one.key] if _is(one, row)]:
            wanted[one.key, one.excluded] |= {row.id for row in found}
            name = found[0].name + (f" ({found[0].value})" if one.key == "level" else "")
            understood.labels[one] = label_of(one, kinds[one.key], name)
        else:
            understood.sentences.append(_nothing(one, understood.levels))
            understood.unknown += [] if one.excluded else [one]
    known = {key for key, excluded in wanted if not excluded}
    # Of several values of one operator, one that exists is enough.
    understood.unknown = [one for one in understood.unknown if one.key not in known and one.key not in spans]
    common = {("tag", row.id) for row in rows["tag"] if row.above}
    common |= {("author", row.id) for row in rows["author"] if row.above}
    for (key, excluded), ids in wanted.items():
        _add(understood, key, conditions.having(key, ids, common), excluded)
    for excluded, values in languages.items():
        _add(understood, "lang", conditions.in_languages(values), excluded)
    if spans["from"]:
        _add(understood, "from", conditions.since(min(spans["from"])))
    if spans["to"]:
        _add(understood, "to", conditions.until(max(spans["to"])))
    if spans["from"] and spans["to"] and min(spans["from"]) >= max(spans["to"]):
        understood.sentences.append(_("“from” lies after “to”: no day is between them."))


def _add(understood: Understood, key: str, condition: Condition, excluded: bool = False) -> None:
    understood.conditions.setdefault(key, []).append(condition.negated() if excluded else condition)


def label_of(one: Filter, kind: str, name: str) -> str:
    """The operator in words, for the list of what was chosen."""
    told = _("not %(kind)s: %(name)s") if one.excluded else _("%(kind)s: %(name)s")
    return told % {"kind": kind, "name": name}


def _nothing(one: Filter, levels: list[Named]) -> str:
    if one.key == "level":
        numbers = ", ".join(level.value for level in levels)
        return _("There is no level “%(value)s”. The levels are %(numbers)s.") % {
            "value": one.value,
            "numbers": numbers,
        }
    return _("No published post has “%(filter)s”.") % {"filter": str(one).removeprefix("-")}


def _span(one: Filter) -> tuple[datetime, datetime] | None:
    """The first instant of the day, month or year that is named, and the first after it, in the current time zone."""
    match = DATE.fullmatch(one.value)
    if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            after = date.fromordinal(first.toordinal() + 1)
        elif month:
            after = date(year + month // 12, month % 12 + 1, 1)
        else:
            after = date(year + 1, 1, 1)
    except ValueError:
        return None
    zone = timezone.get_current_timezone()
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)
