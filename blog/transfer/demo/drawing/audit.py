"""What a careful reader would stumble over, found from a canvas's record rather than from its pixels."""

from itertools import combinations

from .canvas import Canvas, Wire
from .fonts import has_glyph
from .geometry import Rect, crosses
from .palette import contrast

MARGIN = 16
SMALLEST = 22 / 1600
LEAST_CONTRAST = 4.5


def faults(canvas: Canvas) -> list[str]:
    """One sentence for each fault; an empty list is a tidy drawing."""
    found = [*_words(canvas), *_boxes(canvas), *_wires(canvas)]
    crossed = _crossed(canvas.record.wires)
    if len(crossed) > canvas.crossings:
        found.append(f"{len(crossed)} crossings of wires, {canvas.crossings} allowed: {crossed[:4]}")
    return found


def _words(canvas: Canvas) -> list[str]:
    found = []
    record = canvas.record
    page = Rect(0, 0, canvas.width, canvas.height).grown(-MARGIN)
    for words in record.words:
        name, area = f"'{words.text}'", words.area
        if not page.holds(area):
            found.append(f"{name} leaves the page")
        if words.size < SMALLEST * canvas.width:
            found.append(f"{name} is set too small")
        if contrast(words.colour, words.ground) < LEAST_CONTRAST:
            found.append(f"{name} has too little contrast")
        missing = {c for c in words.text if not has_glyph(words.face, c)}
        if missing:
            found.append(f"{name} has no glyph for {sorted(missing)}")
        for box in record.boxes:
            if box.grown(4).overlaps(area) and not box.grown(-10).holds(area):
                found.append(f"{name} touches the edge of a box at {box.x:.0f},{box.y:.0f}")
        for frame in record.frames:
            if frame.grown(4).overlaps(area) and not frame.grown(-8).holds(area):
                found.append(f"{name} touches the frame at {frame.x:.0f},{frame.y:.0f}")
        for marker in record.markers:
            if marker.grown(2).overlaps(area) and not marker.holds(area):
                found.append(f"{name} touches the marker at {marker.x:.0f},{marker.y:.0f}")
        # A number in its circle stands on the wire on purpose; the circle's halo keeps them apart.
        in_marker = any(marker.holds(area) for marker in record.markers)
        for wire in () if in_marker else record.wires:
            near = area.grown(4 + wire.width / 2)
            if any(near.meets(a, b) for a, b in zip(wire.points, wire.points[1:], strict=False)):
                found.append(f"{name} touches the wire from {wire.points[0]}")
    for one, other in combinations(record.words, 2):
        if one.area.grown(1).overlaps(other.area):
            found.append(f"'{one.text}' and '{other.text}' overlap")
    return found


def _boxes(canvas: Canvas) -> list[str]:
    found = []
    record = canvas.record
    page = Rect(0, 0, canvas.width, canvas.height).grown(-MARGIN)
    for solid in [*record.boxes, *record.frames, *record.markers]:
        if not page.holds(solid):
            found.append(f"the shape at {solid.x:.0f},{solid.y:.0f} leaves the page")
    for one, other in combinations([*record.boxes, *record.markers], 2):
        if one.grown(3).overlaps(other):
            found.append(f"the shapes at {one.x:.0f},{one.y:.0f} and {other.x:.0f},{other.y:.0f} overlap")
    for frame in record.frames:
        for solid in [*record.boxes, *(f for f in record.frames if f is not frame)]:
            apart = not frame.grown(8).overlaps(solid)
            if not (apart or frame.grown(-10).holds(solid) or solid.grown(-10).holds(frame)):
                found.append(
                    f"the shape at {solid.x:.0f},{solid.y:.0f} touches the frame {frame.x:.0f},{frame.y:.0f}"
                )
    return found


def _wires(canvas: Canvas) -> list[str]:
    return [
        f"the wire from {wire.points[0]} runs through the box at {box.x:.0f},{box.y:.0f}"
        for wire in canvas.record.wires
        for box in canvas.record.boxes
        if any(box.grown(-1).meets(a, b) for a, b in zip(wire.points, wire.points[1:], strict=False))
    ]


def _crossed(wires: list[Wire]) -> list[str]:
    return [
        f"{a[0]:.0f},{a[1]:.0f} to {b[0]:.0f},{b[1]:.0f} with {c[0]:.0f},{c[1]:.0f} to {d[0]:.0f},{d[1]:.0f}"
        for one, other in combinations(wires, 2)
        for a, b in zip(one.points, one.points[1:], strict=False)
        for c, d in zip(other.points, other.points[1:], strict=False)
        if crosses(a, b, c, d)
    ]
