"""A gateway in front of language models: who may call, how much, and where the answer comes from."""

from ..drawing import CONTROL, DATA, QUIET, TROUBLE, Plot, Point, Rect, Sheet
from ..drawing.palette import INK, MUTED


def gateway() -> Sheet:
    """One request through the gateway, numbered, with keys and counters above and metering below."""
    s = Sheet(1600, 1010)
    y, h = 340, 196
    teams = s.box(40, y, 160, h, "Teams", "and their\nclients", glyph="people", tone=QUIET, stack=True)
    s.group(256, 40, 1004, 820, "Gateway account")
    entry = s.box(280, y, 190, h, "API gateway", "own domain,\nWAF", glyph="globe", tone=DATA, stack=True)
    auth = s.box(
        544, y, 180, h, "Authorizer", "JWT claims:\nteam, models", glyph="shield", tone=CONTROL, stack=True
    )
    quota = s.box(
        798, y, 180, h, "Quota", "tokens left\nfor this team", glyph="gauge", tone=CONTROL, stack=True
    )
    work = s.box(
        1052,
        y,
        184,
        h,
        "Integration",
        "picks a model,\nstreams",
        glyph="function",
        tone=DATA,
        strong=True,
        stack=True,
    )
    keys = s.box(514, 104, 240, 92, "Signing keys", "cached", glyph="key", tone=CONTROL)
    count = s.box(774, 104, 228, 92, "Counters", "atomic script", glyph="database", tone=CONTROL)
    hops = (teams, entry, auth, quota, work)
    for i, (one, other) in enumerate(zip(hops, hops[1:], strict=False), 1):
        s.arrow(one.right(), other.left(), step=i, step_along=0.37)
    s.arrow(keys.bottom(), auth.top(), tone=CONTROL, dashed=True)
    s.arrow(quota.top(), count.bottom(), tone=CONTROL, dashed=True, both=True)
    models = []
    for i, name in enumerate(("Region one", "Region two")):
        top = 104 + 364 * i
        frame = s.group(1328, top, 232, 304, name, tone=DATA if i == 0 else QUIET, dashed=i == 1)
        models.append(
            s.box(
                1366,
                top + 66,
                172,
                210,
                "Model",
                "endpoint,\nfirst choice" if i == 0 else "endpoint,\non throttle",
                glyph="model",
                tone=DATA if i == 0 else QUIET,
                stack=True,
            )
        )
        assert frame.holds(models[-1])
    s.arrow(work.right(-50), models[0].left(), step=5, step_leg=1, step_along=0.5, bend=1294)
    s.arrow(work.right(50), models[1].left(), tone=QUIET, dashed=True, bend=1294)
    s.arrow(
        work.bottom(-50),
        teams.bottom(),
        tone=DATA,
        via=[(1094, 616), (120, 616)],
        label="the answer streams back token by token",
        leg=1,
        along=0.45,
    )
    meter = s.box(1012, 716, 224, 104, "Metering", "no prompts", glyph="stream", tone=QUIET)
    usage = s.box(682, 716, 240, 104, "Usage", "cost per team", glyph="chart", tone=QUIET)
    logs = s.box(300, 716, 292, 104, "Limits and alarms", "adjusted daily", glyph="bell", tone=QUIET)
    s.arrow(work.bottom(30), meter.top(50), tone=QUIET, step=6, step_along=0.62)
    s.arrow(meter.left(), usage.right(), tone=QUIET)
    s.arrow(usage.left(), logs.right(), tone=QUIET)
    s.steps(
        40, 912, ["call with a bearer token", "verify it, read its claims", "reserve tokens, or answer 429"]
    )
    s.steps(
        40,
        962,
        ["forward the request", "call the nearest healthy model", "record what was really used"],
        start=4,
    )
    return s


CAPACITY, REFILL, COST, END = 100.0, 2.0, 20.0, 60.0
BURSTS = ((6, 3), (18, 8), (40, 5))


def requests() -> list[float]:
    """The second of every request; a burst is (second of its first request, number), one request a second."""
    return [float(start + i) for start, number in BURSTS for i in range(number)]


def replay() -> tuple[list[tuple[float, float]], list[float]]:
    """The bucket's level as (second, tokens), and the seconds of refused requests."""
    level, clock = CAPACITY, 0.0
    points = [(0.0, level)]
    refused: list[float] = []
    for moment in requests():
        full = clock + (CAPACITY - level) / REFILL
        if clock < full < moment:
            points.append((full, CAPACITY))
        level, clock = min(CAPACITY, level + REFILL * (moment - clock)), moment
        points.append((clock, level))
        if level < COST:
            refused.append(clock)
        else:
            level -= COST
            points.append((clock, level))
    full = clock + (CAPACITY - level) / REFILL
    if full < END:
        points.append((full, CAPACITY))
    return [*points, (END, min(CAPACITY, level + REFILL * (END - clock)))], refused


def bucket() -> Sheet:
    """The level of a token bucket through three bursts, with the requests it refuses."""
    s = Sheet(1600, 900)
    plot = Plot(s, Rect(130, 130, 1050, 590), (0, 60), (0, 120))
    points, refused = replay()
    plot.fill(points, DATA.light)
    plot.axes(
        [(x, str(x)) for x in range(0, 61, 10)],
        [(y, str(y)) for y in range(0, 101, 20)],
        "seconds",
        "tokens in the bucket, and each request",
    )
    plot.curve([(0, CAPACITY), (60, CAPACITY)], QUIET, weight=3, dashed=True)
    plot.curve(points, DATA, weight=5)
    for moment in requests():
        at = plot.at(moment, 110)
        if moment in refused:
            for tilt in (-5.5, 5.5):
                s.path([Point(at.x - 5.5, at.y - tilt), Point(at.x + 5.5, at.y + tilt)], TROUBLE.text, 3.5)
        else:
            s.disc(at.x, at.y, 6.5, DATA.strong)
    slope = plot.at(30, 28)
    s.note(slope.x - 34, slope.y - 54, "+2 a second", align="right", colour=DATA.text)
    served = len(requests()) - len(refused)
    x = 1240
    y = 150
    for tone, title, text in (
        (QUIET, "Capacity 100", "the largest burst: five\nrequests of 20 tokens\nfrom a full bucket"),
        (DATA, "Refill 2 per second", "the lasting rate: one\nrequest every 10 s"),
        (
            TROUBLE,
            f"{len(refused)} requests refused",
            f"fewer than 20 tokens\nleft, answered 429;\n{served} others served",
        ),
    ):
        s.panel(Rect(x, y + 6, 6, 40 + 29 * len(text.split("\n"))), radius=3, fill=tone.strong)
        end = s.note(x + 26, y, title, bold=True, size=24, colour=INK)
        y = int(s.note(x + 26, end + 4, text)) + 44
    s.note(
        130,
        832,
        "Three bursts of 3, 8 and 5 requests, one a second, 20 tokens each: dot served, cross refused.",
        colour=MUTED,
    )
    return s


PICTURES = {"ai-gateway": gateway, "token-bucket": bucket}
