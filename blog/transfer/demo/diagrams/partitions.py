"""Failing over between two partitions that share nothing."""

from ..drawing import CONTROL, DATA, QUIET, TROUBLE, Point, Sheet


def failover() -> Sheet:
    """A commercial and a sovereign partition, copying data one way."""
    s = Sheet(1600, 960)
    users = s.box(40, 56, 200, 100, "Users", glyph="people", tone=QUIET)
    decision = s.box(
        590,
        46,
        420,
        120,
        "Traffic decision",
        "DNS, outside both partitions",
        glyph="route",
        tone=CONTROL,
        strong=True,
    )
    s.arrow(users.right(), decision.left())
    sides = ((40, "Commercial partition", 0), (940, "Sovereign partition", 1))
    stores = []
    for x, title, second in sides:
        s.group(x, 220, 620, 640, title)
        s.group(x + 24, 282, 572, 350, "VPC", fill="#fbfaf7", dashed=True)
        app_x, data_x = (x + 302, x + 48) if second else (x + 48, x + 302)
        role = "warm standby" if second else "serves users"
        app = s.box(
            app_x,
            346,
            224 + 46,
            262,
            "Application",
            role,
            glyph="server",
            tone=QUIET if second else DATA,
            stack=True,
            strong=not second,
        )
        width = 224
        data_x += 0 if second else 46
        rows = s.box(data_x, 346, width, 110, "Tables", "ciphertext", glyph="database", tone=DATA)
        objects = s.box(data_x, 498, width, 110, "Objects", "ciphertext", glyph="bucket", tone=DATA)
        stores.append((rows, objects))
        for i, (name, sub, glyph) in enumerate(
            (
                ("Accounts", "own root", "building"),
                ("Identity", "own logins", "person"),
                ("Keys", "never leave", "key"),
            )
        ):
            s.box(x + 24 + i * 196, 660, 180, 172, name, sub, glyph=glyph, tone=CONTROL, stack=True)
        if second:
            s.arrow(
                decision.right(), app.top(-110), tone=QUIET, dashed=True, label="after the decision", leg=0
            )
        else:
            s.arrow(decision.left(30), app.top(110), label="today", leg=0, side="below")
    recode = s.box(
        700,
        346,
        200,
        262,
        "Re-encrypt",
        "open with one\nkey, seal with\nthe other",
        glyph="lock",
        tone=CONTROL,
        strong=True,
        stack=True,
    )
    for i in (0, 1):
        along = stores[0][i].cy - recode.cy
        s.arrow(stores[0][i].right(), recode.left(along))
        s.arrow(recode.right(along), stores[1][i].left())
    s.note(800, 640, "one way only", align="center", colour=DATA.text, bold=True)
    s.legend(40, 912, [(DATA, "data and live traffic", False), (QUIET, "traffic after failover", True)])
    s.note(760, 898, "Nothing is shared: each side has its own accounts, logins and keys.")
    return s


def sequence() -> Sheet:
    """The six steps of a failover on a line of time, with what RPO and RTO measure."""
    s = Sheet(1600, 850)
    phases = (
        ("Detect", "alarms from\noutside", "eye", QUIET, "3 min"),
        ("Decide", "a person,\nby name", "person", CONTROL, "10 min"),
        ("Freeze", "no writes at\nthe old site", "lock", QUIET, "2 min"),
        ("Promote", "the copy\ntakes writes", "database", DATA, "8 min"),
        ("Redirect", "DNS points\nto new site", "route", DATA, "5 min"),
        ("Verify", "real requests,\ncounts", "shield", QUIET, "7 min"),
    )
    axis = 460
    last, outage = 110, 262
    s.wire([Point(40, axis), Point(1560, axis)], QUIET, 4)
    for i, (name, sub, glyph, tone, time) in enumerate(phases):
        x = 440 + 205 * i
        box = s.box(
            x - 93, 110, 186, 216, name, sub, glyph=glyph, tone=tone, stack=True, strong=name == "Decide"
        )
        s.wire([Point(x, box.y2), Point(x, axis - 18)], tone, 3, head=False)
        s.step(x, axis, i + 1, tone)
        s.text(x, axis + 62, time, face="bold", align="center")
    for x, words in ((last, "last write\ncopied"), (outage, "outage\nstarts")):
        s.disc(x, axis, 12, TROUBLE.strong if x == outage else DATA.strong)
        s.note(x, axis - 90, words, align="center", colour=(TROUBLE if x == outage else DATA).text)
    end = 440 + 205 * 5
    for start, stop, tone in ((last, outage, TROUBLE), (outage + 14, end, CONTROL)):
        s.wire(
            [Point(start, 590), Point(start, 616), Point(stop, 616), Point(stop, 590)],
            tone,
            4,
            head=False,
            radius=10,
        )
    s.note((last + outage) / 2, 634, "RPO", align="center", bold=True, colour=TROUBLE.text, size=28)
    s.note((last + outage) / 2, 674, "writes not yet\ncopied are lost\n40 s here", align="center")
    middle = (outage + end) / 2
    s.note(middle, 634, "RTO", align="center", bold=True, colour=CONTROL.text, size=28)
    s.note(
        middle,
        674,
        "time without service: 3 + 10 + 2 + 8 + 5 + 7 = 35 minutes in this example",
        align="center",
    )
    s.note(middle, 772, "The longest step is the human one; it shrinks only by rehearsal.", align="center")
    s.note(40, 48, "A failover in six steps, not to scale", bold=True)
    return s


PICTURES = {"partition-failover": failover, "failover-sequence": sequence}
