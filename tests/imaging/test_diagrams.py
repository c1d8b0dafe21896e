"""Diagrams that are written as text: ordinary ones, hostile ones, and what happens without the renderer."""

import io
import time

import pytest
from PIL import Image

from blog import imaging
from blog.imaging import diagrams
from blog.imaging.diagrams import MAX_SOURCE, SECONDS, DiagramRefused, draw

needs_renderer = pytest.mark.skipif(
    not diagrams.available(), reason="the renderer of diagrams is not installed"
)

ORDINARY = {
    "flowchart": 'flowchart LR\n  A["Größe: 5 µs"] -->|yes| B{{Cache?}}\n  subgraph one [A region]\n  B -.-> C[(Store)]\n  end',
    "sequence": "sequenceDiagram\n  participant C as Client\n  C->>G: PUT /objects/42\n  G-->>C: 202 Accepted\n  Note over C,G: Later",
    "state": "stateDiagram-v2\n  [*] --> Draft\n  Draft --> Review: hand over\n  Review --> [*]",
    "class": 'classDiagram\n  class Post {\n    +String title\n    +publish(at)\n  }\n  Post "1" --> "*" Figure : places',
    "entities": "erDiagram\n  POST ||--o{ FIGURE : places",
    "pie": 'pie title Reads\n  "Hits" : 386\n  "Misses" : 85',
}


@needs_renderer
@pytest.mark.parametrize("name", ["flowchart", "sequence", "class"])
def test_it_draws_the_same_bytes_twice_for_light_and_dark(name):
    made = draw("mermaid", ORDINARY[name])
    assert made == draw("mermaid", ORDINARY[name])
    light, dark = (Image.open(io.BytesIO(data)).convert("RGB") for data in (made.light, made.dark))
    assert light.size == dark.size == (made.width, made.height)
    assert light.getpixel((0, 0)) == (0xFB, 0xFA, 0xF7)
    assert dark.getpixel((0, 0)) == (0x16, 0x17, 0x1A)
    assert len(light.getcolors(1 << 20)) > 3


@needs_renderer
@pytest.mark.parametrize("name", ["state", "entities", "pie"])
def test_it_draws_other_kinds(name):
    assert draw("mermaid", ORDINARY[name]).width > 100


@needs_renderer
def test_a_long_label_widens_or_wraps_and_is_not_cut_off():
    short = draw("mermaid", "sequenceDiagram\n  participant A as Gate\n  A->>A: x")
    long = draw(
        "mermaid", "sequenceDiagram\n  participant A as Gateway of the whole western region\n  A->>A: x"
    )
    assert long.width > short.width + 200
    few = draw("mermaid", "flowchart TD\n  A -->|short| B")
    many = draw("mermaid", "flowchart TD\n  A -->|" + "words that wrap " * 12 + "| B")
    assert many.height > few.height + 100
    assert imaging.clean(many.light, name="x.png").width == many.width


MISTAKES = {
    "flowchart LR\n  A[unclosed --> B\n  B --> C": 2,
    "sequenceDiagram\n  A->>B: x\n  B->A\n  C->>D: z": 3,
    "flowchart LR\n  A -->": 2,
    "nonsense": None,
    "": None,
}


@needs_renderer
@pytest.mark.parametrize("source", MISTAKES)
def test_it_names_the_line_of_a_mistake(source):
    with pytest.raises(DiagramRefused) as refused:
        draw("mermaid", source)
    assert refused.value.line == MISTAKES[source]
    assert str(refused.value).endswith(".")


HOSTILE = {
    "markup in a label": 'flowchart LR\n A["<img src=x onerror=alert(1)>"] --> B',
    "script in a label": 'flowchart LR\n A["<script>alert(1)</script>"] --> B',
    "svg in a label": 'flowchart LR\n A["</text></svg><svg onload=alert(1)>"] --> B',
    "iframe": 'flowchart LR\n A["<iframe src=file:///etc/passwd>"]',
    "style element": 'flowchart LR\n A["<style>*{fill:url(http://a.example)}</style>"]',
    "entity": 'flowchart LR\n A["#quot;#lt;b#gt; &lt;b&gt; &#x3c;"]',
    "javascript link": 'flowchart LR\n A --> B\n click A "javascript:alert(1)"',
    "callback": "flowchart LR\n A --> B\n click A call alert(1)",
    "link": 'flowchart LR\n A --> B\n click A "https://a.example" _blank',
    "data link": 'flowchart LR\n A --> B\n click A "data:text/html,<script>alert(1)</script>"',
    "init with css": "%%{init: {'themeCSS': '* {fill: url(http://a.example/x)}'}}%%\nflowchart LR\n A-->B",
    "init below": "flowchart LR\n A-->B\n  %%{init: {'securityLevel': 'loose'}}%%",
    "front matter": "---\nconfig:\n  securityLevel: loose\n---\nflowchart LR\n A-->B",
    "picture from the disk": 'flowchart LR\n A@{ img: "/etc/hostname.png", label: "x" }',
    "picture by file url": 'flowchart LR\n A@{ img: "file:///etc/passwd", label: "x" }',
    "picture from elsewhere": 'flowchart LR\n A@{ img: "https://a.example/x.png", label: "x" }',
    "picture as data": 'flowchart LR\n A@{ img: "data:image/svg+xml;base64,PHN2Zz4=", label: "x" }',
    "icon": 'flowchart LR\n A@{ icon: "fa:user", label: "x" }',
    "style with url": "flowchart LR\n A[b]\n style A fill:url(http://a.example/x),stroke:red",
    "style with import": 'flowchart LR\n A[b]\n classDef x fill:red;}@import "http://a.example/x.css";{\n class A x',
    "class with quotes": 'flowchart LR\n A[b]:::x"onload="alert(1)',
    "id with markup": 'flowchart LR\n <b>A</b> --> "B"',
    "formula": "flowchart LR\n A[$$\\frac{1}{2}$$] --> B",
    "nul": 'flowchart LR\n A["a\x00b"]',
    "control characters": 'flowchart LR\n A["a\x01\x1b[31m\x7f"]',
    "directions": 'flowchart LR\n A["\u202eevil\u202c"] --> B["\u2066x"]',
    "other scripts": 'flowchart LR\n A["漢字 עברית 🙂"] --> B["e' + "\u0301" * 500 + '"]',
    "chain": "flowchart LR\n" + "\n".join(f" a{i} --> a{i + 1}" for i in range(1_000)),
    "mesh": "flowchart LR\n" + "\n".join(f" a{i} --> b{j}" for i in range(35) for j in range(35)),
    "many boxes": "flowchart TD\n" + " --> ".join(f"n{i}" for i in range(2_000)),
    "one long word": "flowchart LR\n A[" + "x" * (MAX_SOURCE - 50) + "]",
    "many words": "flowchart LR\n A[" + "x " * (MAX_SOURCE // 2 - 50) + "]",
    "many messages": "sequenceDiagram\n" + "\n".join(f" A->>B: m{i}" for i in range(1_000)),
    "many actors": "sequenceDiagram\n" + "\n".join(f" a{i}->>a{i + 1}: m" for i in range(800)),
    "nested boxes": "flowchart LR\n" + "\n".join(f" subgraph s{i}" for i in range(900)) + "\n x\n" + " end\n" * 900,
    "nested states": "stateDiagram-v2\n" + "\n".join(f" state s{i} {{" for i in range(900)) + "\n" + "}\n" * 900,
    "open brackets": "flowchart LR\n A" + "[" * 15_000,
    "ampersands": "flowchart LR\n " + " & ".join(f"a{i}" for i in range(150)) + " --> " + " & ".join(f"b{i}" for i in range(150)),
    "huge numbers": 'pie\n "a" : 1e308\n "b" : 99999999999999999999999999999999',
    "long gantt": "gantt\n dateFormat YYYY-MM-DD\n a :a1, 0001-01-01, 999999d",
}  # fmt: skip


def test_it_is_tried_with_at_least_thirty_hostile_diagrams():
    assert len(HOSTILE) >= 30


@needs_renderer
@pytest.mark.parametrize("name", HOSTILE)
def test_it_answers_every_hostile_diagram_in_time_with_a_picture_or_a_sentence(name):
    began = time.monotonic()
    try:
        made = draw("mermaid", HOSTILE[name])
    except DiagramRefused as refused:
        assert str(refused).endswith(".")
        assert "Traceback" not in str(refused)
    else:
        assert made.light.startswith(b"\x89PNG") and made.dark.startswith(b"\x89PNG")
        assert made.width * made.height <= 16_000_000
    assert time.monotonic() - began < SECONDS + 1.5


@needs_renderer
@pytest.mark.parametrize("name", ["init with css", "init below", "front matter"])
def test_it_reads_no_settings_from_a_diagram(name):
    with pytest.raises(DiagramRefused, match="the site's own colours"):
        draw("mermaid", HOSTILE[name])


@needs_renderer
def test_nothing_of_the_disk_is_in_a_picture():
    """The place of a picture stays empty, whatever file it names."""
    secret = diagrams.__file__.replace("imaging/diagrams.py", "../static/img/favicon.svg")
    named = draw("mermaid", f'flowchart LR\n A@{{ img: "{secret}", label: "x" }}')
    other = draw("mermaid", 'flowchart LR\n A@{ img: "/no/such/file.png", label: "x" }')
    assert named == other


def test_it_refuses_a_megabyte_without_starting_anything(monkeypatch):
    monkeypatch.setattr(diagrams, "converse", None)
    with pytest.raises(DiagramRefused, match="20,000 can be drawn"):
        draw("mermaid", "flowchart LR\n" + "A --> B\n" * 130_000)


def test_it_refuses_another_notation():
    with pytest.raises(DiagramRefused, match="“dot”"):
        draw("dot", "digraph { a -> b }")


def test_it_says_when_the_renderer_is_not_there(monkeypatch):
    monkeypatch.setattr(diagrams, "RENDERER", ("no_such_package",))
    assert not diagrams.available()
    with pytest.raises(DiagramRefused, match="not installed"):
        draw("mermaid", ORDINARY["state"])
