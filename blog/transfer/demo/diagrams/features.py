"""A feature platform: the whole, its request path, and its two ways in."""

from ..drawing import CONTROL, DATA, QUIET, TROUBLE, Sheet
from ..drawing.palette import INK


def platform() -> Sheet:
    """Two kinds of source, two ways in, one online store, one serving layer and its models."""
    s = Sheet(1600, 900)
    heads = ((40, "Sources"), (330, "Ingestion"), (700, "Online store"), (1000, "Serving"), (1330, "Models"))
    for x, words in heads:
        s.note(x, 40, words, bold=True, size=24, colour=INK)
    h = 130
    events = s.box(40, 110, 220, h, "Events", "views, clicks", glyph="stream", tone=QUIET)
    tables = s.box(40, 410, 220, h, "Warehouse", "history", glyph="database", tone=QUIET)
    ways = s.group(308, 86, 334, 478)
    stream = s.box(330, 110, 290, h, "Stream ingestion", "fresh in seconds", glyph="spark", tone=DATA)
    batch = s.box(330, 410, 290, h, "Batch ingestion", "millions a night", glyph="layers", tone=DATA)
    store = s.box(
        700,
        200,
        220,
        250,
        "Key-value store",
        "one row for\neach entity",
        glyph="database",
        tone=DATA,
        strong=True,
        stack=True,
    )
    serving = s.group(1000, 110, 250, 430)
    api = s.box(1024, 134, 202, 166, "Serving API", "one call", glyph="server", tone=DATA, stack=True)
    cache = s.box(1024, 350, 202, 166, "Caches", "local, remote", glyph="spark", tone=TROUBLE, stack=True)
    s.arrow(events.right(), stream.left())
    s.arrow(tables.right(), batch.left())
    s.arrow(stream.right(), store.left(-50), bend=671)
    s.arrow(batch.right(), store.left(50), bend=671)
    s.arrow(store.right(), serving.left())
    s.arrow(api.bottom(), cache.top(), both=True, tone=TROUBLE)
    for i, (name, sub) in enumerate(
        (("Home feed", "ranks"), ("Search", "re-ranks"), ("Similar", "suggests"))
    ):
        model = s.box(1330, 110 + 155 * i, 230, 120, name, sub, glyph="model", tone=QUIET)
        s.arrow(serving.right(model.cy - serving.cy), model.left())
    registry = s.box(
        330,
        660,
        590,
        116,
        "Schema registry",
        "type, default, owner, greatest age",
        glyph="document",
        tone=CONTROL,
        strong=True,
    )
    s.arrow(
        registry.top(ways.cx - registry.cx),
        ways.bottom(),
        tone=CONTROL,
        dashed=True,
        label="stream and batch share\none set of definitions",
        side="right",
    )
    s.arrow(registry.right(), serving.bottom(), tone=CONTROL, dashed=True)
    s.legend(
        40,
        850,
        [(DATA, "feature values", False), (CONTROL, "definitions", True), (TROUBLE, "cached reads", False)],
    )
    return s


def serving() -> Sheet:
    """A read through two caches to the store; every hit turns back at once."""
    s = Sheet(1600, 960)
    y, h = 90, 190
    client = s.box(40, y, 190, h, "Model", "ranks\n100 items", glyph="model", tone=QUIET, stack=True)
    api = s.box(
        350,
        y,
        230,
        h,
        "Serving API",
        "merges, fills\ndefaults",
        glyph="server",
        tone=DATA,
        strong=True,
        stack=True,
    )
    stops = (
        (
            "Local cache",
            "in the process",
            "spark",
            TROUBLE,
            "hit: microseconds",
            "30 seconds",
            "small, per process;\nhottest entities",
        ),
        (
            "Remote cache",
            "shared cluster",
            "layers",
            TROUBLE,
            "hit: under a millisecond",
            "5 minutes",
            "one copy for all;\nsurvives deploys",
        ),
        (
            "Online store",
            "the truth",
            "database",
            DATA,
            "read: a few milliseconds",
            "30 days",
            "then the default\nfrom the registry",
        ),
    )
    last = api
    for i, (name, sub, glyph, tone, back, life, text) in enumerate(stops):
        box = s.box(700 + 310 * i, y, 230, h, name, sub, glyph=glyph, tone=tone, stack=True)
        s.arrow(last.right(-20), box.left(-20), tone=DATA, step=i + 2, step_along=0.4)
        depth = 380 + 70 * i
        s.arrow(box.bottom(), api.bottom(80 - 60 * i), tone=QUIET, bend=depth)
        s.note(box.cx - 24, depth - 38, back, align="right", colour=QUIET.text)
        s.box(box.x, 600, 230, 150, life, text, tone=tone)
        last = box
    s.arrow(client.right(-40), api.left(-40), step=1, step_along=0.42)
    s.arrow(api.left(40), client.right(40), tone=QUIET, step=5, step_along=0.42)
    s.note(40, 606, "How long a value lives", bold=True, size=24, colour=INK)
    s.note(
        40,
        646,
        "Each lifetime is drawn within 10 percent\nof its mean, so that entries which were\n"
        "filled together do not expire together.",
    )
    s.steps(
        40, 830, ["one call for 100 items", "look in this process", "ask the shared cluster for the rest"]
    )
    s.steps(40, 884, ["read what is still missing", "answer, and fill both caches on the way"], start=4)
    return s


def stream_ingestion() -> Sheet:
    """Events become rows: transformed by schema, deduplicated, written behind, retried, set aside."""
    s = Sheet(1600, 970)
    source = s.box(
        40,
        236,
        200,
        460,
        "Event stream",
        "partitioned\nby entity",
        glyph="stream",
        tone=DATA,
        strong=True,
        stack=True,
    )
    group = s.group(330, 180, 310, 540, "One consumer a partition")
    for i in range(3):
        consumer = s.box(
            354, 236 + 156 * i, 262, 148 - 24, f"Consumer {i + 1}", "transforms", glyph="function", tone=DATA
        )
        s.arrow(
            source.right(consumer.cy - source.cy),
            consumer.left(),
            step=1 if i == 0 else None,
            step_leg=0,
            step_along=0.4,
        )
    registry = s.box(330, 40, 310, 96, "Schema registry", "by version", glyph="document", tone=CONTROL)
    s.arrow(registry.bottom(), group.top(), tone=CONTROL, dashed=True)
    buffer = s.box(
        760,
        250,
        290,
        250,
        "Write-behind buffer",
        "newest per key wins;\nflush every 200 ms\nor 500 rows",
        glyph="layers",
        tone=DATA,
        stack=True,
    )
    store = s.box(
        1300,
        250,
        260,
        250,
        "Online store",
        "writes only if the\nevent is newer",
        glyph="database",
        tone=DATA,
        strong=True,
        stack=True,
    )
    retry = s.box(760, 620, 290, 110, "Retry", "longer waits, jitter", glyph="clock", tone=TROUBLE)
    dead = s.box(1300, 620, 260, 110, "Dead letters", "replay later", glyph="dead", tone=TROUBLE)
    s.arrow(group.right(buffer.cy - group.cy), buffer.left(), step=2, step_along=0.42)
    s.arrow(buffer.right(), store.left(), step=3, step_along=0.2, label="batches", along=0.6)
    s.arrow(buffer.bottom(-70), retry.top(-70), tone=TROUBLE, label="failed\nbatch", side="left")
    s.arrow(retry.top(70), buffer.bottom(70), tone=TROUBLE, label="again", side="right")
    s.arrow(
        retry.right(), dead.left(), tone=TROUBLE, step=4, step_along=0.16, label="refused 5 times", along=0.6
    )
    s.arrow(
        group.bottom(),
        dead.bottom(),
        tone=TROUBLE,
        bend=810,
        label="events that do not fit their schema",
        along=0.42,
    )
    s.note(1300, 160, "Commit the stream’s\nposition after the write.", colour=DATA.text)
    s.steps(
        40,
        906,
        [
            "read in order",
            "transform by schema",
            "write once for each key",
            "set aside, never block the partition",
        ],
    )
    return s


def batch_ingestion() -> Sheet:
    """A nightly run: query, split, write at a limited rate, and compare counts before it counts as done."""
    s = Sheet(1600, 940)
    run = s.box(
        40,
        50,
        1520,
        104,
        "Orchestrator",
        "nightly schedule; remembers which ranges are done, so that a run can continue",
        glyph="clock",
        tone=CONTROL,
        strong=True,
    )
    y, w, h = 300, 184, 220
    query = s.box(
        40,
        y,
        w,
        h,
        "Warehouse",
        "query: rows\nchanged since\nlast run",
        glyph="database",
        tone=QUIET,
        stack=True,
    )
    files = s.box(296, y, w, h, "Files", "one for each\nkey range", glyph="bucket", tone=DATA, stack=True)
    jobs = s.group(552, 232, 236, 364, "Parallel jobs")
    for i in range(3):
        s.box(572, 290 + 98 * i, 196, 84, f"Job {i + 1}", "its range", glyph="function", tone=DATA)
    limit = s.box(
        868,
        y,
        w,
        h,
        "Rate limit",
        "shared: spare\nstore capacity\nonly",
        glyph="gauge",
        tone=TROUBLE,
        stack=True,
    )
    store = s.box(
        1124,
        y,
        w,
        h,
        "Online store",
        "bulk writes,\nif newer",
        glyph="database",
        tone=DATA,
        strong=True,
        stack=True,
    )
    check = s.box(1380, y, 180, h, "Verify", "counts and\nsamples", glyph="shield", tone=CONTROL, stack=True)
    chain = (query, files, jobs, limit, store, check)
    for i, (one, other) in enumerate(zip(chain, chain[1:], strict=False), 1):
        along = query.cy
        s.arrow(
            one.right(along - one.cy),
            other.left(along - other.cy),
            tone=CONTROL if i == 5 else DATA,
            step=i,
            step_along=0.38,
        )
    for box in (query, jobs, check):
        s.arrow(run.bottom(box.cx - run.cx), box.top(), tone=CONTROL, dashed=True)
    s.arrow(
        query.bottom(),
        check.bottom(),
        tone=CONTROL,
        dashed=True,
        bend=690,
        label="expected counts for each key range",
    )
    s.note(
        800,
        710,
        "A range whose counts differ is run again; the run is done only when all agree.",
        align="center",
    )
    s.steps(40, 820, ["export the changed rows", "split by key range", "take a permit for each batch"])
    s.steps(40, 874, ["write in bulk, newer rows win", "compare before the run counts as done"], start=4)
    return s


PICTURES = {
    "feature-platform": platform,
    "feature-serving": serving,
    "stream-ingestion": stream_ingestion,
    "batch-ingestion": batch_ingestion,
}
