"""One golden pair for every construct of the dialect: `cases/<name>.md` renders to `cases/<name>.html`.

The HTML is followed by what else the rendering tells: outline, figures, references, links and problems, as comments.
"""

from pathlib import Path

import pytest

from blog.markup import Rendered

from .properties import holds

FOLDER = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in FOLDER.glob("*.md"))


def told(rendered: Rendered) -> str:
    """A rendering as the text of a golden file."""
    facts = [f"outline {heading.level} {heading.id} {heading.title}" for heading in rendered.outline]
    facts += [f"figure {key}" for key in rendered.figures]
    facts += [f"reference {key}" for key in rendered.references]
    facts += [f"link {link}" for link in rendered.links]
    facts += [f"crossing {slug} {key}".rstrip() for slug, key in rendered.crossings]
    facts += [
        f"diagram {d.line} {d.key} {d.notation} {d.title!r} {d.alt!r} {d.source!r}" for d in rendered.diagrams
    ]
    facts += [f"line {problem.line} {problem.code}: {problem.message}" for problem in rendered.problems]
    return "\n".join([rendered.html, *(f"<!-- {fact} -->" for fact in facts)]) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_it_renders_the_case_as_agreed(name):
    source = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert told(holds(source)) == (FOLDER / f"{name}.html").read_text(encoding="utf-8")


def test_it_has_a_case_for_every_construct():
    assert len(NAMES) >= 20
    assert {path.stem for path in FOLDER.glob("*.html")} == set(NAMES)
