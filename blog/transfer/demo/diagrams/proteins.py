"""Vector search over proteins: the pipeline, and what an index's partitions save."""

import math

from ..drawing import CONTROL, DATA, QUIET, Point, Rect, Sheet
from ..drawing.palette import INK, LINE, WHITE


def search() -> Sheet:
    """Sequences become vectors and sharded indexes; a query fans out over the shards and merges."""
    s = Sheet(1600, 980)
    s.note(40, 60, "Ingest", bold=True, size=26, colour=INK)
    s.note(40, 572, "Query", bold=True, size=26, colour=INK)
    y, w, h = 130, 166, 176
    names = (
        ("Sequences", "FASTA files", "helix", QUIET),
        ("Embedding", "batch job", "model", DATA),
        ("Vectors", "in S3", "bucket", DATA),
        ("Step\nFunctions", "map", "flow", DATA),
    )
    flow = [
        s.box(40 + 226 * i, y, w, h, name, sub, glyph=glyph, tone=tone, stack=True)
        for i, (name, sub, glyph, tone) in enumerate(names)
    ]
    for i, (one, other) in enumerate(zip(flow, flow[1:], strict=False), 1):
        s.arrow(one.right(), other.left(), step=None if i > 2 else i, step_along=0.36)
    image = s.box(226, 390, 246, 92, "Amazon ECR", "model image", glyph="container", tone=CONTROL)
    s.arrow(image.top(0), flow[1].bottom(0), tone=CONTROL, dashed=True)
    frame = s.group(960, 40, 600, 850, "One of each for every shard")
    for i, name in enumerate(("shard 1", "shard 2", "shard n")):
        x = 982 + 190 * i
        build = s.box(x, 120, 176, 196, "Lambda", "builds\nan index", glyph="function", tone=DATA, stack=True)
        shard = s.box(
            x, 388, 176, 176, "LanceDB", f"{name}, S3", glyph="layers", tone=DATA, strong=True, stack=True
        )
        find = s.box(
            x, 646, 176, 206, "Lambda", "searches\nits shard", glyph="function", tone=QUIET, stack=True
        )
        s.arrow(build.bottom(), shard.top(), step=4 if i == 0 else None, step_along=0.36)
        s.arrow(shard.bottom(), find.top(), tone=QUIET, step=7 if i == 0 else None, step_along=0.36)
    s.arrow(flow[3].right(), frame.left(flow[3].cy - frame.cy), step=3, step_along=0.4)
    client = s.box(40, 656, w, 186, "Scientist", "a protein\nand a k", glyph="person", tone=QUIET, stack=True)
    api = s.box(266, 656, w, 186, "API", "embeds the\nquery", glyph="globe", tone=QUIET, stack=True)
    fan = s.box(552, 646, 300, 96, "Lambda", "fans out", glyph="function", tone=QUIET)
    merge = s.box(552, 756, 300, 96, "Merge top-k", "keeps k nearest", glyph="merge", tone=QUIET)
    s.arrow(client.right(), api.left(), tone=QUIET, both=True)
    s.arrow(api.right(fan.cy - api.cy), fan.left(), tone=QUIET, step=5, step_along=0.42)
    s.arrow(fan.right(), frame.left(fan.cy - frame.cy), tone=QUIET, step=6, step_along=0.42)
    s.arrow(frame.left(merge.cy - frame.cy), merge.right(), tone=QUIET, step=8, step_along=0.42)
    s.arrow(merge.left(), api.right(merge.cy - api.cy), tone=QUIET)
    s.steps(
        40,
        936,
        ["embed", "store", "map", "index", "ask", "fan out", "search", "merge the best of all shards"],
        gap=30,
    )
    return s


def _spread(count: int, offset: float) -> list[tuple[float, float]]:
    """Evenly scattered points of the unit square: the R2 sequence (Roberts, 2018), the same every time."""
    g = 1.32471795724474602596
    return [((offset + i / g) % 1, (offset + i / g**2) % 1) for i in range(1, count + 1)]


def _cell(site: Point, others: list[Point], area: Rect) -> list[Point]:
    """The part of `area` nearer to `site` than to any other, by Sutherland and Hodgman's clipping."""
    cell = [Point(area.x, area.y), Point(area.x2, area.y), Point(area.x2, area.y2), Point(area.x, area.y2)]
    for other in others:

        def nearer(p: Point, other: Point = other) -> float:
            return math.dist(p, other) ** 2 - math.dist(p, site) ** 2

        kept: list[Point] = []
        for a, b in zip(cell, [*cell[1:], cell[0]], strict=True):
            da, db = nearer(a), nearer(b)
            if da >= 0:
                kept.append(a)
            if da * db < 0:
                t = da / (da - db)
                kept.append(Point(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t))
        cell = kept
    return cell


def partitions() -> Sheet:
    """Vectors grouped by nearest centroid; a query opens only the cells whose centroids are nearest."""
    s = Sheet(1600, 940)
    area = Rect(40, 40, 980, 860)
    probes, query = 3, Point(596, 470)
    sites = [
        Point(area.x + 60 + x * (area.w - 120), area.y + 60 + y * (area.h - 120)) for x, y in _spread(16, 0.5)
    ]
    order = sorted(range(len(sites)), key=lambda i: math.dist(query, sites[i]))
    opened = set(order[:probes])
    cells = [_cell(site, sites[:i] + sites[i + 1 :], area) for i, site in enumerate(sites)]
    for i in opened:
        s.polygon(cells[i], DATA.light)
    for cell in cells:
        s.path([*cell, cell[0]], LINE, 2)
    for i in opened:
        s.path([*cells[i], cells[i][0]], DATA.strong, 3.5)
    vectors = [
        Point(area.x + 14 + x * (area.w - 28), area.y + 14 + y * (area.h - 28)) for x, y in _spread(320, 0.13)
    ]
    scanned = 0
    for vector in vectors:
        near = min(range(len(sites)), key=lambda i: math.dist(vector, sites[i]))
        scanned += near in opened
        if math.dist(vector, query) > 26 and math.dist(vector, sites[near]) > 20:
            s.disc(vector.x, vector.y, 5, DATA.strong if near in opened else "#a9adb5")
    for i in opened:
        s.path([query, sites[i]], DATA.strong, 2.5, (6, 7))
    for i, site in enumerate(sites):
        s.disc(site.x, site.y, 11, DATA.text if i in opened else QUIET.strong, WHITE, 3)
    s.disc(query.x, query.y, 17, INK, WHITE, 4)
    s.disc(query.x, query.y, 6, WHITE)
    s.record.frames.append(area)
    x, y = 1080, 56
    marks = (
        (17, INK, "Query", "the vector looked for"),
        (11, QUIET.strong, "Centroid", f"{len(sites)} of them, one per cell"),
        (5, "#a9adb5", "Vector", "filed in its nearest cell"),
    )
    for radius, colour, title, text in marks:
        s.disc(x + 18, y + 20, radius + 2, colour)
        if radius == 17:
            s.disc(x + 18, y + 20, 6, WHITE)
        s.note(x + 58, y, title, bold=True, size=24, colour=INK)
        s.note(x + 58, y + 33, text)
        y += 92
    y += 40
    steps = (
        ("Compare with centroids", f"{len(sites)} distances"),
        (f"Open the {probes} nearest cells", "the outlined ones"),
        ("Scan only their vectors", f"{scanned} of {len(vectors)} distances"),
        ("Keep the k best", "a near one beyond the edge\nis missed: that is the price"),
    )
    for number, (title, text) in enumerate(steps, 1):
        s.step(x + 18, y + 18, number, DATA)
        s.note(x + 58, y, title, bold=True, size=24, colour=INK)
        y = int(s.note(x + 58, y + 33, text)) + 38
    return s


PICTURES = {"protein-vector-search": search, "vector-index-partitions": partitions}
