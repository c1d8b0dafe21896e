"""Runs each target for some seconds: guided by coverage where atheris is installed (extra file requirements-fuzz.txt;
CPython on Linux), else with hypothesis alone. Ends with 1 as soon as one has found something."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import django

import tests.conftest  # noqa: F401  the environment of tests

from . import NAMES

SLOWEST = 10
"""Seconds after which an input counts as one that hangs."""
LONGEST = 4_096  # bytes of an input: bombs have tests of their own
ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    ask = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    ask.add_argument("targets", nargs="*", help=f"of {', '.join(NAMES)}; all by default")
    ask.add_argument("--seconds", type=int, default=60, help="for each target (60)")
    ask.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = ask.parse_args()
    if unknown := set(given.targets) - set(NAMES):
        ask.error(f"there is no target {', '.join(sorted(unknown))}")
    if given.one:
        return run(given.targets[0], given.seconds)
    guided = find_spec("atheris") is not None
    sys.stdout.write("atheris guides\n" if guided else "atheris is not installed: hypothesis alone\n")
    for name in given.targets or NAMES:
        began = time.monotonic()
        # A process each: libFuzzer ends its own.
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--one", "--seconds", str(given.seconds), name],
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            sys.stdout.write(f"{name}: found something, see above\n")
            return 1
        sys.stdout.write(f"{name}: nothing in {time.monotonic() - began:.0f} s\n")
    return 0


def run(name: str, seconds: int) -> int:
    """One target, in this process."""
    return guided(name, seconds) if find_spec("atheris") else blind(name, seconds)


def guided(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(
        include=["blog.markup", "blog.imaging", "blog.models.search.grammar", "markdown"]
    ):
        django.setup()
        from .targets import TARGETS
    target, seeds = TARGETS[name]
    corpus = ROOT / "var" / "fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST}",
        f"-max_len={LONGEST}",
        "-rss_limit_mb=2048",
        "-verbosity=1",
    ]
    atheris.Setup([name, str(corpus), f"-artifact_prefix={corpus.parent}/{name}-", *options], target)
    atheris.Fuzz()
    return 0


def blind(name: str, seconds: int) -> int:
    """Arbitrary bytes and mended seeds, until the time is over."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    django.setup()
    from .targets import TARGETS

    target, seeds = TARGETS[name]
    known = list(seeds())
    until = time.monotonic() + seconds
    pieces = st.one_of(st.sampled_from(known), st.binary(max_size=64), st.text(max_size=64).map(str.encode))
    spliced = st.lists(
        st.tuples(pieces, st.integers(0, 400), st.integers(0, 400)).map(
            lambda cut: cut[0][cut[1] :][: cut[2]] or cut[0]
        ),
        max_size=6,
    ).map(b"".join)

    @settings(
        max_examples=500,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(spliced)
    def tries(data: bytes) -> None:
        began = time.process_time()
        target(data[:LONGEST])
        assert time.process_time() - began < SLOWEST, "it hangs"

    while time.monotonic() < until:
        tries()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    sys.exit(main())
