"""Agents that fail well: where the loop breaks, and what nested retries cost."""

from ..drawing import CONTROL, DATA, QUIET, TROUBLE, Plot, Point, Rect, Sheet
from ..drawing.palette import INK

FAILURES = (
    ("Poisoned input", "instructions hidden in data;\nseparate and label sources"),
    ("Plans without end", "no progress between turns;\ncap steps, time and money"),
    ("Tools that fail", "timeouts and half-done acts;\nidempotency keys, budgets"),
    ("Results believed", "an error read as success;\ncheck with code, not words"),
    ("Memory that rots", "stale or poisoned notes;\nexpiry, source, review"),
)


def failure_modes() -> Sheet:
    """The loop of an agent with five numbered places where it fails."""
    s = Sheet(1600, 960)
    w, h = 250, 116
    source = s.box(40, 140, 190, h, "Input", "mail, files", glyph="document", tone=QUIET)
    see = s.box(330, 140, w, h, "Perceive", "build context", glyph="eye", tone=DATA)
    plan = s.box(790, 140, w, h, "Plan", "choose a step", glyph="model", tone=DATA, strong=True)
    act = s.box(790, 600, w, h, "Act", "call a tool", glyph="wrench", tone=DATA)
    watch = s.box(330, 600, w, h, "Observe", "read the result", glyph="search", tone=DATA)
    memory = s.box(530, 370, 310, h, "Memory", "notes and history", glyph="database", tone=CONTROL)
    tools = s.box(790, 810, w, 96, "Tools", "APIs and data", glyph="gear", tone=QUIET)
    answer = s.box(40, 600, 190, h, "Answer", "goal met", glyph="person", tone=QUIET)
    s.arrow(source.right(), see.left(), tone=QUIET, step=None)
    s.arrow(see.right(), plan.left())
    s.arrow(plan.bottom(85), act.top(85))
    s.arrow(act.left(), watch.right())
    s.arrow(watch.top(-50), see.bottom(-50))
    s.arrow(act.bottom(85), tools.top(85), tone=QUIET, both=True)
    s.arrow(watch.left(), answer.right(), tone=QUIET)
    s.arrow(watch.top(100), memory.bottom(-130), tone=CONTROL, dashed=True)
    s.arrow(memory.top(125), plan.bottom(-105), tone=CONTROL, dashed=True)
    marks = ((274, see.cy), (1000, 428), (1000, 756), (690, act.cy), (555, 543))
    for number, (x, y) in enumerate(marks, 1):
        s.step(x, y, number, TROUBLE)
    s.note(685, 160, "context", align="center", colour=DATA.text)
    y = 132
    for number, (title, text) in enumerate(FAILURES, 1):
        s.step(1158, y + 16, number, TROUBLE)
        end = s.note(1196, y, title, bold=True, size=24, colour=INK)
        y = int(s.note(1196, end + 2, text)) + 58
    s.note(40, 48, "Five places where an agent’s loop breaks, and what holds it", bold=True, colour=INK)
    return s


def retry_budget() -> Sheet:
    """Attempts that reach the lowest layer: retries at every layer against a shared budget."""
    s = Sheet(1600, 940)
    plot = Plot(s, Rect(170, 150, 900, 600), (0.7, 4.3), (1, 1000), log=True)
    plot.axes(
        [(n, str(n)) for n in range(1, 5)],
        [(1, "1"), (10, "10"), (100, "100"), (1000, "1,000")],
        "nested layers that each retry",
        "attempts at the bottom for one request (logarithmic)",
    )
    for base, tone, words in ((4.0, TROUBLE, "{:.0f}"), (1.1, CONTROL, "{:.2f}")):
        values = [(n, base**n) for n in range(1, 5)]
        plot.curve(values, tone, weight=5)
        for n, value in values:
            plot.dot(n, value, tone)
            at = plot.at(n, value)
            s.text(
                at.x - (14 if base > 2 else 0),
                at.y - 24,
                words.format(value),
                face="bold",
                size=24,
                colour=tone.text,
                align="right" if base > 2 else "center",
            )
    x = 1130
    for y, tone, title, text in (
        (
            200,
            TROUBLE,
            "Three retries at each layer",
            "4 attempts per layer: 256 at\nfour layers, and all arrive\nwhen the service is weakest",
        ),
        (
            520,
            CONTROL,
            "A retry budget of 10 percent",
            "at most one retry for ten\nrequests at each layer:\n1.1 × 1.1 × 1.1 × 1.1 = 1.46",
        ),
    ):
        s.wire([Point(x, y + 16), Point(x + 52, y + 16)], tone, 5, head=False)
        end = s.note(x + 70, y, title, bold=True, size=24, colour=INK)
        s.note(x + 70, end + 4, text)
    s.note(
        170,
        864,
        "One layer retries, the others pass the failure on: the load stays a load that was planned for.",
    )
    return s


PICTURES = {"agent-failure-modes": failure_modes, "agent-retry-budget": retry_budget}
