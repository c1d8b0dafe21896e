"""`python -m tests.bench`: loads N synthetic posts and measures what readers get from the real server.

Each N has a database of its own (`stratum_bench_N`, or `stratum_bench_N_100_words` with `--words 100`) on the server of DATABASE_URL or on the embedded one, kept for the
next run; several are measured in turns. Files go to `bench/` in the data folder. Exit code 1 when something takes too
long.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import databases, server

if TYPE_CHECKING:
    from .run import Run

MOST_POSTS = 1_000_000
PARTS = ("pages", "search", "saves", "move", "soak")


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def read_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--posts", type=int, nargs="+", default=[1_000, 100_000], help="how many posts; several in turn"
    )
    parser.add_argument(
        "--million", action="store_true", help="1,000,000 posts as well: long, and some 60 GB"
    )
    parser.add_argument(
        "--words", type=int, default=600, help="how long each text is (default 600); lengths do not mix"
    )
    parser.add_argument("--fresh", action="store_true", help="load again what an earlier run has left")
    parser.add_argument("--requests", type=int, default=200, help="timed requests to each page (default 200)")
    parser.add_argument(
        "--seconds", type=float, default=4, help="of full load for each page (default 4; 0: none)"
    )
    parser.add_argument("--load-only", action="store_true", help="fill the databases and measure nothing")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=["pages", "search", "saves"],
        help="pages; the twenty questions to the search; saves; move: a large category moves while others read and "
        "save; soak: whether the memory of a web process grows (default: the first three)",
    )
    parser.add_argument("--soak", type=int, default=200_000, help="requests of a soak (default 200,000)")
    given = parser.parse_args(words)
    if given.million:
        given.posts.append(MOST_POSTS)
    if not 50 <= given.words <= 5_000:
        parser.error(f"--words {given.words}: from 50 to 5,000")
    for count in given.posts:
        if not 100 <= count <= MOST_POSTS:
            parser.error(f"--posts {count}: from 100 to {MOST_POSTS:,}")
    if given.requests < 10 or not 0 <= given.seconds <= 600:
        parser.error("at least 10 requests, and from 0 to 600 seconds")
    return given


def main(words: list[str]) -> int:
    given = read_arguments(words)
    # A process told to end stops its server on the way out, as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    site = Path(os.environ.get("STRATUM_DATA") or server.ROOT / "var").absolute()
    data = site / "bench"
    data.mkdir(parents=True, exist_ok=True)
    address = databases.server_url(site)
    env = server.environment(
        data, databases.url_of(address, databases.name(given.posts[0], given.words)), server.free_port()
    )
    os.environ.clear()
    os.environ.update(env, DATABASE_POOL="0", LOG_LEVEL="CRITICAL", DJANGO_SETTINGS_MODULE="config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    return 0 if bench(given, address, env, data) else 1


def bench(given: argparse.Namespace, address: str, env: dict[str, str], data: Path) -> bool:
    """Loads and measures all sizes; returns whether everything is as quick as it should be."""
    from django.db import connection

    from . import page
    from .run import Run

    runs = [Run(count, address, given.words) for count in given.posts]
    only = set(given.only)
    for one in runs:
        say(f"\n{one.posts:,} posts of {one.words:,} words in {one.name}")
        one.load(fresh=given.fresh, say=say)
        if given.load_only:
            continue
        one.ask(only)
        if "saves" in only:
            one.save()
    connection.close()
    if given.load_only:
        return True
    measured(runs, given, env, data)
    for one in runs:
        one.tell(say)
        say(f"  {one.write(data)}")
    say(f"  {page.write(data, given.words)}")
    return all(one.passes for one in runs)


def measured(runs: list[Run], given: argparse.Namespace, env: dict[str, str], data: Path) -> None:
    """Measures the runs against servers that run side by side, and in turns, so that their figures may be compared."""
    from django.db import connection
    from django.utils import timezone

    from . import measure, moving, run, soak

    only = set(given.only)
    with contextlib.ExitStack() as stack:
        ports = []
        for one in runs if only & {"pages", "search", "move"} else []:
            own = env | {"DATABASE_URL": one.url, "PORT": str(server.free_port())}
            ports.append(stack.enter_context(server.serving(own, data / f"server-{one.size}.log"))[0])
        if only & {"pages", "search"}:
            chosen = [
                (one.pages if "pages" in only else []) + (one.asked if "search" in only else [])
                for one in runs
            ]
            say(f"\n{given.requests} requests to each of {sum(map(len, chosen))} pages, one after the other")
            measure.latencies(list(zip(ports, chosen, strict=True)), given.requests)
        for port, one in zip(ports, runs, strict=False):
            large = [page for page in one.pages if page.name == "large category"]
            if "pages" in only:
                one.ratio = measure.deepest_over_first(port, large[0], large[-1])
                if given.seconds:
                    measure.rates(port, one.pages, given.seconds, say)
            if "move" in only and one.posts >= run.SAVED_FROM:
                one.connect()
                paths = [page.path for page in one.pages if not page.headers][:20]
                worker = env | {"DATABASE_URL": one.url}
                one.moved = moving.move(worker, port, paths, data / f"worker-{one.size}.log", say)
                connection.close()
    for one in runs if "soak" in only else []:
        own = env | {"DATABASE_URL": one.url, "PORT": str(server.free_port())}
        del own["PAGE_CACHE_MB"]  # the site's own default: what is kept is what might grow
        one.connect()
        once = soak.fresh(given.soak, timezone.now())
        connection.close()
        with server.serving(own, data / f"soak-{one.size}.log", workers=1) as (port, group):
            paths = [page.path for page in one.targets if not page.headers]
            one.soaked = soak.soak(port, group, paths, once, given.soak, say)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
