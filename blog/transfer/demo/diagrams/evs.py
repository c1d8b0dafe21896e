"""Centralised inspection of an EVS environment's traffic."""

from ..drawing import CONTROL, DATA, QUIET, Sheet
from ..drawing.palette import PAPER


def inspection() -> Sheet:
    """Every spoke reaches every other only through the firewall endpoints of one inspection VPC."""
    s = Sheet(1600, 1160)
    evs = s.group(40, 40, 510, 566, "Amazon EVS in its own VPC", tone=DATA)
    for i in range(4):
        s.box(64 + i * 118, 100, 108, 112, "Host", glyph="server", tone=DATA, stack=True)
    s.note(64, 228, "VMware hosts, wired to VLAN subnets", colour=DATA.text)
    for i, name in enumerate(("Management and vMotion", "vSAN storage", "NSX overlay", "NSX uplinks")):
        s.box(64, 272 + i * 56, 462, 46, "", name)
    s.box(64, 506, 462, 80, "VPC Route Server", "learns NSX routes over BGP", glyph="route", tone=CONTROL)
    spokes = []
    for i, letter in enumerate("AB"):
        y = 636 + 202 * i
        spokes.append(s.group(40, y, 510, 182, f"Workload VPC {letter}"))
        s.box(
            64,
            y + 62,
            462,
            96,
            "Application subnets",
            f"10.{20 + i}.0.0/16, two zones",
            glyph="server",
            tone=QUIET,
        )
    gateway = s.group(650, 40, 300, 980, "Transit gateway", tone=QUIET, fill="#e1e7f0")
    before = s.box(
        674,
        150,
        252,
        210,
        "Pre-inspection\nroute table",
        "0.0.0.0/0 to the\ninspection VPC",
        glyph="document",
        tone=CONTROL,
        stack=True,
    )
    s.note(674, 372, "used by traffic that\ncomes from a spoke")
    after = s.box(
        674,
        500,
        252,
        210,
        "Post-inspection\nroute table",
        "one route back to\neach spoke",
        glyph="document",
        tone=CONTROL,
        stack=True,
    )
    s.note(674, 722, "used by traffic that\ncomes from the\nfirewall")
    s.group(1050, 40, 510, 600, "Inspection VPC", tone=CONTROL, fill="#dceeee")
    policy = s.box(1240, 300, 262, 76, "Firewall policy", glyph="shield", tone=CONTROL)
    for i, letter in enumerate("AB"):
        y = 94 + 324 * i
        s.group(1074, y, 438, 164, f"Availability zone {letter}", fill=PAPER, dashed=True)
        subnet = s.box(1094, y + 60, 160, 84, "Gateway", "subnet", tone=QUIET)
        point = s.box(
            1294, y + 60, 202, 84, "Firewall", "endpoint", glyph="firewall", tone=CONTROL, strong=True
        )
        s.arrow(before.right(), subnet.left(), bend=1024, step=2 if i else None, step_leg=0)
        s.arrow(subnet.right(), point.left())
        s.arrow(point.right(), after.right(), tone=QUIET, via=[(1536, point.cy), (1536, after.cy)])
        s.arrow(
            policy.top(24) if i == 0 else policy.bottom(24),
            point.bottom() if i == 0 else point.top(),
            tone=CONTROL,
            dashed=True,
        )
    s.step(1395, 130, 3, CONTROL)
    s.step(1290, 605, 4, QUIET)
    edge = s.group(1050, 664, 510, 166, "Egress and ingress VPC")
    nat = s.box(1074, 722, 250, 84, "NAT and\nload balancer", "", glyph="route", tone=QUIET)
    net = s.box(1374, 722, 166, 84, "Internet", tone=QUIET)
    s.arrow(nat.right(), net.left(), both=True, tone=QUIET)
    site = s.group(1050, 854, 510, 166, "On-premises data center")
    line = s.box(1074, 912, 250, 84, "Direct Connect", "or VPN", tone=QUIET)
    rack = s.box(1374, 912, 166, 84, "Servers", tone=QUIET)
    s.arrow(line.right(), rack.left(), both=True, tone=QUIET)
    s.arrow(evs.right(-68), gateway.left(255 - gateway.cy), both=True, step=1)
    for i, spoke in enumerate(spokes):
        s.arrow(spoke.right(), gateway.left(spoke.cy - gateway.cy), both=True, step=5 if i == 0 else None)
    for spoke in (edge, site):
        s.arrow(spoke.left(), gateway.right(spoke.cy - gateway.cy), both=True)
    s.steps(
        40,
        1086,
        ["leave a spoke", "default route to inspection", "inspect in the same zone", "return", "deliver"],
    )
    return s


PICTURES = {"evs-inspection": inspection}
