"""Events instead of calls: the suite before and after its central bus."""

from ..drawing import CONTROL, DATA, QUIET, TROUBLE, Sheet
from ..drawing.palette import INK


def coupled() -> Sheet:
    """Seven services that call each other, one of which has failed."""
    s = Sheet(1600, 900, crossings=6)
    w, h = 270, 104
    resident = s.box(60, 360, w, h, "Resident app", "opens doors", glyph="device", tone=QUIET)
    order = s.box(400, 150, w, h, "Order", "service", glyph="cart", tone=QUIET)
    access = s.box(400, 600, w, h, "Access", "service", glyph="door", tone=QUIET)
    delivery = s.box(800, 50, w, h, "Delivery", "service", glyph="truck", tone=QUIET)
    device = s.box(800, 370, w, h, "Device", "does not answer", glyph="lock", tone=TROUBLE, strong=True)
    notify = s.box(1270, 150, w, h, "Notification", "service", glyph="bell", tone=QUIET)
    audit = s.box(1270, 600, w, h, "Audit", "service", glyph="document", tone=QUIET)
    for one, other in ((order, notify), (delivery, notify), (access, audit), (delivery, audit)):
        s.link(one, other, QUIET)
    along = (
        (resident, order),
        (resident, access),
        (order, access),
        (order, delivery),
        (delivery, access),
        (device, notify),
        (device, audit),
    )
    for one, other in along:
        s.link(one, other, TROUBLE, dashed=True)
    for one in (order, delivery, access):
        middle = s.link(one, device, TROUBLE, weight=4)
        s.cross(middle.x, middle.y, TROUBLE)
    s.note(
        60, 776, "One service stops answering and ten of fourteen calls stop with it.", bold=True, colour=INK
    )
    s.legend(
        60,
        850,
        [
            (TROUBLE, "3 calls to it fail", False),
            (TROUBLE, "7 calls fail in their wake", True),
            (QUIET, "4 calls still work", False),
        ],
    )
    return s


def event_bus() -> Sheet:
    """Producers publish checked events to one bus; each consumer has its own rule and queue."""
    s = Sheet(1600, 990)
    s.group(40, 60, 450, 822, "Producer accounts")
    library = s.box(318, 118, 150, 640, "Validation\nlibrary", "", glyph="shield", tone=CONTROL, stack=True)
    s.group(560, 60, 350, 822, "Event bus account", tone=DATA)
    bus = s.box(584, 118, 112, 640, "Event\nbus", glyph="bus", tone=DATA, strong=True, stack=True)
    registry = s.box(584, 784, 302, 76, "Schema registry", glyph="document", tone=CONTROL)
    rows = (
        ("Order", "cart", "order.*", "Notification account"),
        ("Access", "door", "access.*", "Delivery account"),
        ("Device", "lock", "device.*", "Audit account"),
    )
    for i, (name, glyph, pattern, account) in enumerate(rows):
        y = 60 + 280 * i
        top = y + 58
        s.group(980, y, 580, 262, account)
        producer = s.box(64, top, 190, 80, name, glyph=glyph, tone=QUIET)
        rule = s.box(752, top, 134, 80, "Rule", pattern, tone=CONTROL)
        queue = s.box(1004, top, 232, 80, "Queue", "its own", glyph="queue", tone=DATA)
        handler = s.box(1322, top, 214, 80, "Handler", "idempotent", glyph="function", tone=QUIET)
        dead = s.box(1004, top + 112, 232, 72, "Dead letters", glyph="dead", tone=TROUBLE)
        along = producer.cy - library.cy
        s.arrow(producer.right(), library.left(along), step=1, step_along=0.38)
        s.arrow(library.right(along), bus.left(along), step=2, step_along=0.42)
        s.arrow(bus.right(along), rule.left())
        s.arrow(rule.right(), queue.left(), step=3, step_along=0.42)
        s.arrow(queue.right(), handler.left(), step=4, step_along=0.4)
        s.arrow(queue.bottom(), dead.top(), tone=TROUBLE)
        s.note(1262, dead.cy - 28, "after five failed\nattempts", colour=TROUBLE.text)
    s.arrow(registry.left(), library.bottom(), tone=CONTROL, dashed=True)
    s.steps(
        60,
        938,
        [
            "check against the schema",
            "publish once",
            "match one rule for each subscriber",
            "work at its own pace",
        ],
    )
    return s


PICTURES = {"key-suite-coupled": coupled, "key-suite-event-bus": event_bus}
