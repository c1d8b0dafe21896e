"""The site in a process of its own, so that it can be killed; it looks at the database of the tests."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "a long password"
SERVE = """
import sys
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[2]
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
run("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), threading=True)
"""


class Site:
    """Serves from the start. `log` is a file for what it complains of."""

    def __init__(self, log: Path = Path(os.devnull)) -> None:
        with socket.socket() as plug:
            plug.bind(("127.0.0.1", 0))
            self.port = plug.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.start()

    def start(self) -> None:
        self.begin()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.answers():
                return
            time.sleep(0.05)
        raise AssertionError("the server does not start")

    def begin(self) -> None:
        """Starts it and does not wait until it answers."""
        words = [sys.executable, "-c", SERVE, str(self.port), connection.settings_dict["NAME"]]
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=out)

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def form(site, post=None):
    return f"{site.url}/admin/blog/post/{f'{post.pk}/change' if post else 'add'}/"
