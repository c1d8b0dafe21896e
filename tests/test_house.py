"""The house rules that a machine can check: import ranks, docstrings, gates and file lengths."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOG = ROOT / "blog"

RANKS = {
    "markup": 0,
    "imaging": 0,
    "models": 1,
    "publishing": 2,
    "keeping": 2,
    "pages": 3,
    "admin": 3,
    "operating": 3,
    "transfer": 3,
    "templatetags": 3,
    "management": 4,
    "apps": 5,
    "urls": 5,
    "checks": 5,
}
PURE = {"markup", "imaging"}
WIRING = 5


def room_of(path: Path) -> str:
    """The room a file below blog/ belongs to: its first folder, or its own name for the wiring files."""
    first = path.relative_to(BLOG).parts[0]
    return first.removesuffix(".py")


def sources() -> list[Path]:
    return [p for p in sorted(BLOG.rglob("*.py")) if "migrations" not in p.parts]


def imported_modules(tree: ast.AST, path: Path) -> list[tuple[int, str]]:
    """Every imported module as (line, absolute dotted name); relative imports are resolved."""
    package = ["blog", *path.relative_to(BLOG).parent.parts]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]
    return found


def broken_ranks(path: Path, text: str) -> list[str]:
    """One sentence for each import in `text` that goes up, sideways, or out of a pure room."""
    room = room_of(path)
    rank = RANKS.get(room)
    where = path.relative_to(ROOT)
    if rank is None:
        return (
            []
            if room == "__init__"
            else [f"{where}: '{room}' has no rank; give it one in tests/test_house.py"]
        )
    broken = []
    for line, name in imported_modules(ast.parse(text), path):
        parts = name.split(".")
        if room in PURE and parts[0] in {"django", "config"}:
            broken.append(f"{where}:{line} imports {name}: {room} is pure, it knows no Django")
        if parts[0] == "config":
            broken.append(
                f"{where}:{line} imports {name}: blog never imports config; use django.conf.settings"
            )
        if parts[0] != "blog" or len(parts) < 2 or parts[1] == room:
            continue
        other = RANKS.get(parts[1])
        if other is None:
            continue
        if other > rank or (other == rank and rank < WIRING):
            broken.append(
                f"{where}:{line} imports {name}: imports go down the ranks; {room} is {rank}, {parts[1]} is {other}"
            )
    return broken


def test_it_imports_only_down_the_ranks():
    broken = [sentence for path in sources() for sentence in broken_ranks(path, path.read_text())]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("pages/views.py", "from blog.publishing import workflow\nfrom blog.admin import post"),
        ("models/post.py", "from blog.publishing.workflow import save"),
        ("markup/gate.py", "from django.conf import settings"),
        ("imaging/probe.py", "from ..models import Post"),
        ("pages/views.py", "from ..transfer import demo"),
        ("admin/post.py", "import config.settings"),
    ],
)
def test_it_names_a_broken_rank(file, source):
    assert broken_ranks(BLOG / file, source)


def test_pages_never_import_publishing():
    """Readers never write: pages stands above publishing, but has no business with its verbs."""
    for path in sorted((BLOG / "pages").rglob("*.py")):
        for line, name in imported_modules(ast.parse(path.read_text()), path):
            assert not name.startswith("blog.publishing"), (
                f"{path}:{line} imports {name}: readers never write"
            )


def test_every_room_says_what_it_is_and_what_it_never_does():
    for room in RANKS:
        init = BLOG / room / "__init__.py"
        if init.exists():
            text = ast.get_docstring(ast.parse(init.read_text())) or ""
            assert "never" in text, (
                f"{init.relative_to(ROOT)}: the docstring must say what the room is and never does"
            )


def test_author_text_has_one_gate():
    allowed = {"markup", "templatetags"}
    for path in sources():
        if room_of(path) not in allowed:
            assert "mark_safe" not in path.read_text(), (
                f"{path.relative_to(ROOT)}: mark_safe belongs behind the gate"
            )
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"\|\s*safe\b|autoescape off", text), (
            f"{path.relative_to(ROOT)}: |safe goes around the gate"
        )


def test_templates_hold_no_inline_script_or_style():
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|<[^>%]*\son[a-z]+=", text), (
            f"{path.relative_to(ROOT)}: the policy forbids inline script and style"
        )


def test_files_can_be_read_in_one_sitting():
    for path in sources():
        limit = 200 if path.name == "views.py" else 400
        lines = len(path.read_text().splitlines())
        assert lines <= limit, f"{path.relative_to(ROOT)} has {lines} lines; is there a second noun in it?"


def test_the_top_level_stays_as_designed():
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert folders <= {"blog", "config", "templates", "static", "tests", "var"}, folders
