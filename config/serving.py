"""The processes behind `make run`, each of which ends when the one that started it does, however that ended.

`config/run.py` starts them: `prepare` brings database, files and demo up to date and ends; `serve` answers
requests; `work` runs deferred tasks. Run as `python -m config.serving VERB`.
"""

import contextlib
import ctypes
import gc
import hashlib
import json
import logging
import multiprocessing
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PR_SET_PDEATHSIG = 1
# Any number will do, if only it is always the same; this one spells "stra" and "tum".
PREPARING = 0x73747261_74756D & 0x7FFFFFFF_FFFFFFFF


def follow_parent(parent: int, grace: float = 3.0, number: int = signal.SIGTERM) -> None:
    """End this process soon after `parent` (a process id) is gone: told to by the signal `number`, made to after
    `grace` seconds.

    On Linux the kernel tells at the very moment; elsewhere, and should the signal be lost, a thread finds out.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), number)
        time.sleep(grace)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="follow-parent").start()


def _hear_again(pause: float = 2.0) -> None:
    """Puts a request to stop that this worker got to it once more if it still lives after `pause` seconds.

    About one in thirty is lost in granian 2.8: the worker went on serving until it was killed, in the middle of
    whatever it was at by then. One that has heard it and is finishing bears a second, but not a third.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    # Written to at the very signal, whichever thread it reached and whatever its handler does.
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)

    def watch() -> None:
        while os.read(heard, 1)[0] not in {signal.SIGTERM, signal.SIGINT}:
            pass
        time.sleep(pause)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="hear-again").start()


class Loader:
    """Loads the site in each worker of one main process, warm, and ties the worker to that process.

    A class of this module, not a closure, so that it also reaches workers that are spawned and not forked.
    """

    def __init__(self, parent: int) -> None:
        self.parent = parent

    def __call__(self, target: str) -> Callable[..., Any]:
        # A forked worker has inherited handlers that only wake the main process; until it sets its own, a
        # request to stop must simply end it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # An orphan is killed and not asked: about one time in twenty, granian 2.8's handler of the request waits for
        # ever with the interpreter's lock in hand, so that no thread of ours could end the process either.
        follow_parent(self.parent, number=signal.SIGKILL)
        _hear_again()
        from granian._internal import load_target

        application: Callable[..., Any] = load_target(target)
        from blog.pages.warming import warm

        warm(application)
        # What is there by now stays: looking through all of it for what is unused would stop every thread at times.
        gc.collect()
        gc.freeze()
        return application


def serve(port: int) -> int:
    """Answer requests on $BIND_ADDRESS (127.0.0.1) until told to stop; a worker that is killed is replaced.

    Told to stop, it takes no more connections and finishes what it is at, for $STRATUM_STOP_SECONDS (30) at most.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    logging.getLogger("_granian").addFilter(_unless_planned)
    _forget_former_processes()
    cpus = multiprocessing.cpu_count()
    server = Server(
        "config.wsgi:application",
        address=os.environ.get("BIND_ADDRESS") or "127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=min(2, cpus),
        blocking_threads=min(4, 2 * cpus),
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=int(os.environ.get("STRATUM_STOP_SECONDS", "30")),
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=Loader(os.getpid()))
    return 0


def _forget_former_processes() -> None:
    """What processes that are gone have measured; each has left files of its own."""
    folder = Path(os.environ.get("STRATUM_DATA") or ROOT / "var") / "metrics"
    for left in folder.glob("*.db"):
        with contextlib.suppress(
            OSError
        ):  # on a disk that is only read, they are wrong, and readers are served
            left.unlink()


def _unless_planned(record: logging.LogRecord) -> bool:
    """Keeps from the operator what is no news: a worker's rebinding, and one that had to be killed while stopping, for
    the reason that `Loader` gives."""
    words = record.getMessage()
    return "tcp_migrate_req" not in words and "refused to gracefully stop" not in words


def work() -> int:
    """Run deferred tasks, one after the other, as they come."""
    import django
    from django.core.management import call_command

    django.setup()
    # Only what needs an operator: not that the worker began, and not that it was asked to end.
    logging.disable(logging.INFO)
    logging.getLogger("django_tasks_db").addFilter(lambda record: "shutting down" not in record.getMessage())
    from blog.publishing.watching import begin

    begin()
    call_command("db_worker", queue_name="*", interval=1, reload=False, startup_delay=False)
    return 0


def prepare(report: int) -> int:
    """Bring everything up to date, one process at a time; writes what the operator must be told to a
    descriptor.
    """
    import django

    os.set_inheritable(report, False)
    began = time.monotonic()
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from blog.models.direct import direct, take

    told: dict[str, str] = {}
    # A session's lock, on a connection of its own: another `make run`, perhaps on another machine, waits here.
    guard = direct()
    take(guard, PREPARING)
    try:
        began = _step("Database answers", began)
        call_command("migrate", verbosity=0, interactive=False)
        began = _step("Tables are up to date", began)
        if _collect_static():
            began = _step("Static files are collected", began)
        call_command("demo", if_empty=True, verbosity=0)
        began = _step("Demo edition is there or not needed", began)
        call_command("roles", verbosity=0)
        told = _first_administrator()
    finally:
        guard.close()
        connections.close_all()
    os.write(report, json.dumps(told).encode())
    return 0


def _step(words: str, began: float) -> float:
    now = time.monotonic()
    sys.stdout.write(f"  {words} ({now - began:.1f} s)\n")
    sys.stdout.flush()
    return now


def _collect_static() -> bool:
    """Collect and compress static files if any has changed since the last time; whether it did."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda pair: pair[0]):
            found = Path(storage.path(name)).stat()
            seen.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    made = Path(settings.STATIC_ROOT)
    stamp = made.with_suffix(".collected")
    if (made / "staticfiles.json").exists() and stamp.exists() and stamp.read_text() == seen.hexdigest():
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(seen.hexdigest())
    return True


def _first_administrator() -> dict[str, str]:
    """An administrator with a random password where there is none; its password is in the answer alone."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return {}
    name, number = "admin", 1
    while users.filter(username=name).exists():
        number += 1
        name = f"admin{number}"
    password = secrets.token_urlsafe(15)
    users.create_superuser(name, email="", password=password)
    return {"user": name, "password": password}


def main(argv: list[str]) -> int:
    """Run one verb: `prepare DESCRIPTOR`, `serve PORT` or `work`. Returns an exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    follow_parent(os.getppid())
    from config.complaints import complaint

    try:
        if argv[0] == "prepare":
            return prepare(int(argv[1]))
        return serve(int(argv[1])) if argv[0] == "serve" else work()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        words = complaint(error)
        if words is None:
            raise
        sys.stderr.write(f"{words}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
