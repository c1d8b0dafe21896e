"""One key for each tenant: who may use it, and how data is sealed with it."""

from ..drawing import CONTROL, DATA, QUIET, Sheet
from ..drawing.palette import INK, PAPER


def key_access() -> Sheet:
    """A workload account takes a tenant's session, which opens that tenant's key in another account."""
    s = Sheet(1600, 980)
    caller = s.box(40, 142, 194, 116, "Request", "tenant A", glyph="person", tone=QUIET)
    s.group(310, 40, 600, 830, "Workload account")
    service = s.box(340, 142, 210, 116, "Service", "no keys", glyph="server", tone=QUIET)
    role = s.box(640, 128, 240, 144, "Tenant role", "session tag\ntenant = A", tone=CONTROL, strong=True)
    data = s.group(340, 470, 540, 372, "Data stores", fill=PAPER)
    for i, (name, glyph) in enumerate((("Table", "database"), ("Bucket", "bucket"))):
        y = 534 + 148 * i
        s.box(364, y, 190, 124, name, "A, B, C", glyph=glyph, tone=DATA)
        s.box(572, y, 284, 56, "", "ciphertext", tone=DATA, strong=True)
        s.box(572, y + 68, 284, 56, "", "wrapped data key", tone=CONTROL, strong=True)
    s.arrow(caller.right(), service.left(), tone=QUIET, step=1, step_along=0.4)
    s.arrow(service.right(), role.left(), tone=CONTROL, step=2, step_along=0.38)
    s.arrow(data.top(service.cx - data.cx), service.bottom(), step=3, step_along=0.5)
    s.note(474, 330, "ciphertext and\nits wrapped key", colour=DATA.text)
    s.group(1000, 40, 560, 830, "Key account", tone=CONTROL, fill=CONTROL.light)
    policy = s.box(
        1030,
        104,
        500,
        170,
        "Key policy",
        "caller’s tag, key’s tenant and\nencryption context must agree",
        glyph="document",
        tone=CONTROL,
    )
    for i, letter in enumerate("ABC"):
        y = 356 + 168 * i
        tone = QUIET if i else CONTROL
        alias = s.box(1030, y, 210, 116, "Alias", f"tenant-{letter.lower()}", tone=tone, strong=not i)
        key = s.box(
            1330,
            y,
            200,
            116,
            f"Key {letter}",
            "refuses" if i else "unwraps",
            glyph="lock" if i else "key",
            tone=tone,
            strong=not i,
        )
        s.arrow(alias.right(), key.left(), tone=tone, dashed=bool(i))
        if not i:
            s.arrow(role.right(), alias.left(), tone=CONTROL, bend=955, step=4, step_leg=1, step_along=0.5)
            s.arrow(policy.bottom(key.cx - policy.cx), key.top(), tone=CONTROL, dashed=True)
    s.steps(
        40,
        926,
        [
            "token names tenant A",
            "assume role with its tag",
            "fetch data and wrapped key",
            "unwrap through alias A only",
        ],
    )
    return s


def envelope() -> Sheet:
    """Writing with a fresh data key and reading it back: what the key service and the store each see."""
    s = Sheet(1600, 900)
    s.note(60, 56, "Write", bold=True, size=26, colour=INK)
    s.note(1180, 56, "Read", bold=True, size=26, colour=INK)
    w, h = 340, 124
    service = s.box(
        630,
        110,
        w,
        190,
        "Key service",
        "the tenant’s key\nnever leaves it",
        glyph="key",
        tone=CONTROL,
        strong=True,
        stack=True,
    )
    store = s.group(630, 560, w, 230, "Store")
    s.box(654, 618, w - 48, 64, "", "ciphertext", tone=DATA, strong=True)
    s.box(654, 698, w - 48, 64, "", "wrapped data key", tone=CONTROL, strong=True)
    ask = s.box(
        60,
        110,
        w,
        190,
        "Ask for a data key",
        "one for each object",
        glyph="function",
        tone=CONTROL,
        stack=True,
    )
    seal = s.box(60, 400, w, h, "Encrypt locally", "AES-GCM, in memory", glyph="lock", tone=DATA)
    drop = s.box(60, 618, w, h, "Forget plain key", "store the rest", glyph="cross", tone=DATA)
    unwrap = s.box(
        1180,
        110,
        w,
        190,
        "Unwrap",
        "same context,\nor it is refused",
        glyph="function",
        tone=CONTROL,
        stack=True,
    )
    plain = s.box(1180, 400, w, h, "Decrypt locally", "and check the tag", glyph="document", tone=DATA)
    load = s.box(1180, 618, w, h, "Load", "both parts", glyph="search", tone=DATA)
    s.arrow(
        ask.right(-50), service.left(-50), tone=CONTROL, label="context", along=0.6, step=1, step_along=0.2
    )
    s.arrow(service.left(50), ask.right(50), tone=CONTROL, label="plain and\nwrapped key", side="below")
    s.arrow(ask.bottom(), seal.top(), step=2, step_along=0.4)
    s.arrow(seal.bottom(), drop.top(), step=3, step_along=0.4)
    s.arrow(
        drop.right(), store.left(drop.cy - store.cy), label="both parts", along=0.6, step=4, step_along=0.2
    )
    s.arrow(
        store.right(load.cy - store.cy), load.left(), label="both parts", along=0.6, step=5, step_along=0.2
    )
    s.arrow(load.top(110), plain.bottom(110), label="ciphertext", side="left", step=None)
    s.arrow(load.right(), unwrap.right(), tone=CONTROL, bend=1556)
    s.arrow(
        unwrap.left(-50),
        service.right(-50),
        tone=CONTROL,
        label="wrapped key",
        along=0.6,
        step=6,
        step_along=0.14,
    )
    s.arrow(service.right(50), unwrap.left(50), tone=CONTROL, label="plain key", side="below")
    s.arrow(unwrap.bottom(), plain.top(), step=7, step_along=0.4)
    s.note(800, 380, "Data stays on your side.\nOnly keys travel to the\nkey service.", align="center")
    s.steps(60, 850, ["generate", "seal", "forget", "store", "load", "unwrap", "open"], gap=44)
    return s


PICTURES = {"tenant-key-access": key_access, "envelope-encryption": envelope}
