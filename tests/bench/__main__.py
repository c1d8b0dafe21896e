"""`python -m tests.bench`: loads N synthetic posts and measures what readers get from the real server.

Each N has a database of its own (`stratum_bench_N`) on the server of DATABASE_URL or on the embedded one, kept for the
next run; files go to `bench/` in the data folder. Exit code 1 when the deepest page or the search
costs too much.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from . import databases, server

MOST_POSTS = 1_000_000


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def read_arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--posts", type=int, nargs="+", default=[1_000, 100_000], help="how many posts; several in turn"
    )
    parser.add_argument(
        "--million", action="store_true", help="1,000,000 posts as well: long, and some 20 GB"
    )
    parser.add_argument("--fresh", action="store_true", help="load again what an earlier run has left")
    parser.add_argument("--requests", type=int, default=200, help="timed requests to each page (default 200)")
    parser.add_argument("--seconds", type=float, default=4, help="of full load for each page (default 4)")
    parser.add_argument("--search-only", action="store_true", help="measure the twenty questions alone")
    parser.add_argument("--load-only", action="store_true", help="fill the databases and measure nothing")
    parser.add_argument(
        "--soak", type=int, default=0, help="requests over all pages, to see whether memory grows"
    )
    given = parser.parse_args(words)
    if given.million:
        given.posts.append(MOST_POSTS)
    for count in given.posts:
        if not 100 <= count <= MOST_POSTS:
            parser.error(f"--posts {count}: from 100 to {MOST_POSTS:,}")
    if given.requests < 10 or not 1 <= given.seconds <= 600:
        parser.error("at least 10 requests, and from 1 to 600 seconds")
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
        data, databases.url_of(address, f"{databases.PREFIX}{given.posts[0]}"), server.free_port()
    )
    os.environ.clear()
    os.environ.update(env, DATABASE_POOL="0", LOG_LEVEL="CRITICAL", DJANGO_SETTINGS_MODULE="config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    passed = [
        run(count, given, address, env | {"PORT": str(server.free_port())}, data) for count in given.posts
    ]
    return 0 if all(passed) else 1


def run(count: int, given: argparse.Namespace, address: str, env: dict[str, str], data: Path) -> bool:
    """Loads and measures one size; returns whether the deepest page passes."""
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from blog.transfer.synthetic import load

    from . import measure, page, questions, report, soak, targets

    name = f"{databases.PREFIX}{count}"
    url = databases.url_of(address, name)
    say(f"\n{count:,} posts in {name}")
    connection.close()
    stale = databases.label(address, name) != load.expected_label(count)
    databases.create(address, name, fresh=given.fresh or stale)
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0, interactive=False)
    loaded = None
    if given.fresh or stale:
        began = time.monotonic()
        loaded = load.load_posts(count, say=say)
        databases.set_label(address, name, load.expected_label(count))
        parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in loaded.seconds.items())
        took = time.monotonic() - began
        say(
            f"  loaded in {took:.1f} s, {count / took:,.0f} posts/s, the last batch at {loaded.rates[-1]:,.0f} (seconds: {parts})"
        )
    if given.load_only:
        connection.close()
        return True

    asked = list(questions.questions())
    pages = [] if given.search_only else list(targets.targets(timezone.now()))
    pages = [one for one in pages if targets.count_queries(one)]
    for question in asked:
        targets.count_queries(question)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'shared_buffers', 'jit', 'server_version')"
        )
        settings = dict(cursor.fetchall())
    about = report.machine(settings.pop("server_version"), settings)
    saved = None
    if not given.search_only and count >= MOST_POSTS // 100:
        saved = measure.saves(40)
        say(f"  {report.saving(saved)}")
    connection.close()
    large = [one for one in pages if one.name == "large category"]
    ratio = None
    with server.serving(env | {"DATABASE_URL": url}, data / f"server-{count}.log") as (port, group):
        say(
            f"  served on port {port}; {given.requests} requests to each of {len(pages) + len(asked)} pages, one after"
            " the other"
        )
        measure.latencies(port, [*pages, *asked], given.requests)
        if large:
            ratio = measure.deepest_over_first(port, large[0], large[-1])
            measure.rates(port, pages, given.seconds, say)
        soaked = None
        if given.soak:
            paths = [one.path for one in [*pages, *asked] if not one.headers]
            soaked = soak.soak(port, group, paths, given.soak, say)
            say(f"\n{report.memory(soaked)}")
    if ratio:
        say(f"\n{report.table(pages)}\n\n{report.verdict(ratio)}")
    answers = measure.Answers.of(asked)
    say(f"\n{report.search_table(asked)}\n\n{report.answers(answers)}")
    say("  " + ", ".join(f"{key} {value}" for key, value in about.items()))
    file = data / f"{'search' if given.search_only else 'posts'}-{count}.json"
    found = report.as_json(count, about, pages, ratio, asked, loaded, soaked, saved)
    file.write_text(json.dumps(found, indent=2, default=str) + "\n")
    say(f"  {file}")
    if drawn := page.write(data):
        say(f"  {drawn}")
    return answers.passes and all(one is None or one.passes for one in (ratio, soaked, saved))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
