"""Two releases side by side on one schema, behind nginx as the operators' page sets it up, under load all the time."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest

from tests import programs
from tests.config.servers import ROOT, environment, wait_until

pytestmark = pytest.mark.kills

MIGRATION = '''"""A column more, and an index. Older code lives with it: the column has a default."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("blog", "{newest}")]
    operations = [
        migrations.AddField("post", "mood", models.TextField(db_default="calm", default="calm")),
        AddIndexConcurrently("post", models.Index(fields=["mood"], name="post_mood")),
    ]
'''


def free_port():
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return plug.getsockname()[1]


def is_open(port):
    with socket.socket() as plug:
        return plug.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker):
    """A migrated database with three posts, for servers to use: its URL."""
    from django.contrib.auth import get_user_model
    from django.db import connection

    from blog.models.direct import direct, standing_in
    from tests import database, make

    name = f"upgrade_{os.getpid()}"
    with django_db_blocker.unblock():
        template = database.template()
        database.execute(f'DROP DATABASE IF EXISTS "{name}"')
        database.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        with standing_in(direct(name)):
            for number in range(3):
                make.post(slug=f"queue-{number}")
            get_user_model().objects.create_superuser("ed", password="a long password")
        told = connection.settings_dict
        yield f"postgres://{told['USER']}@{quote(told['HOST'], safe='')}:5432/{name}"
        connection.close()
        database.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def folder():
    made = Path(tempfile.mkdtemp(prefix="stratum-upgrade-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def next_release(folder):
    """The present tree with one migration more, and a model that needs it."""
    tree = folder / "next"
    skip = shutil.ignore_patterns("__pycache__", "var", ".*")
    for name in ("blog", "config", "templates", "static", "tests"):
        shutil.copytree(ROOT / name, tree / name, ignore=skip)
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree / name)
    newest = max(file.stem for file in (tree / "blog" / "migrations").glob("0*.py"))
    (tree / "blog" / "migrations" / "9999_mood.py").write_text(MIGRATION.replace("{newest}", newest))
    model = tree / "blog" / "models" / "post.py"
    words = model.read_text()
    assert words.count("    objects = PostQuerySet.as_manager()\n") == 1
    model.write_text(
        words.replace(
            "    objects = PostQuerySet",
            '    mood = models.TextField(db_default="calm", default="calm")\n\n    objects = PostQuerySet',
        ).replace(
            "        indexes = [\n",
            '        indexes = [\n            models.Index(fields=["mood"], name="post_mood"),\n',
            1,
        )
    )
    return tree


class Release:
    """A tree that can be served, and asked to stop."""

    def __init__(self, tree, url, folder):
        self.tree, self.folder = tree, folder
        self.env = environment(
            DATABASE_URL=url,
            SECRET_KEY="x" * 60,
            STRATUM_DATA=str(folder / "data"),
            DJANGO_SETTINGS_MODULE="tests.settings",
            SITE_URL="http://127.0.0.1",
        )

    def manage(self, *words):
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.tree,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def serve(self, port):
        with (self.folder / f"serve-{port}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "config.serving", "serve", str(port)],
                cwd=self.tree, env=self.env, stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

        def answers():
            assert process.poll() is None, (self.folder / f"serve-{port}.log").read_text()
            with suppress(OSError, http.client.HTTPException):
                one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                one.request("GET", "/")
                return one.getresponse().status == 200

        wait_until(answers, 120, "the release answers")
        return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


@contextmanager
def proxy(folder, ports):
    """nginx with the lines of the operators' page, between a port of its own and these two."""
    listen = free_port()
    lines = re.search(r"```nginx\n(.*?)```", (ROOT / "OPERATING.md").read_text(), re.DOTALL)[1]
    for asked, ours in (
        ("127.0.0.1:8001", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8002", f"127.0.0.1:{ports[1]}"),
    ):
        assert asked in lines
        lines = lines.replace(asked, ours)
    lines = lines.replace("listen 80;", f"listen 127.0.0.1:{listen};")
    conf = folder / "nginx.conf"
    conf.write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\naccess_log off;\nclient_body_temp_path {folder}/body;\nproxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f;\nuwsgi_temp_path {folder}/u;\nscgi_temp_path {folder}/s;\n{lines}\n}}\n"
    )
    nginx = programs.find("nginx", "/usr/sbin/nginx")
    running = subprocess.Popen(
        [nginx, "-c", str(conf), "-p", str(folder), "-g", "daemon off;"], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_open(listen), 20, "nginx listens")
        yield listen
    finally:
        running.terminate()
        running.wait(20)


class Load:
    """Readers who hardly pause: some keep their connection, some open one each time, and some send forms."""

    def __init__(self, port):
        self.port, self.answers, self.failures = port, Counter(), []
        self.done = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=each)
            for each in [(True, "GET"), (False, "GET"), (True, "POST"), (True, "GET")]
        ]

    def __enter__(self):
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for each in self.threads:
            each.join()

    def _run(self, keeps, method):
        connection = None
        paths = (
            ["/", "/posts/queue-1/", "/category/storage/", "/posts/queue-2/"]
            if method == "GET"
            else ["/admin/login/"]
        )
        number = 0
        while not self.done.wait(0.03):
            number += 1
            path = paths[number % len(paths)]
            try:
                if connection is None:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                connection.request(method, path, body=b"a=b" if method == "POST" else None)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
                # Without its token a form is refused: by the site itself, so it has arrived.
                if status != (200 if method == "GET" else 403):
                    self.failures.append(f"{time.monotonic():.2f} {method} {path}: {status}")
                self.answers[keeps, method] += 1
                if not keeps or answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{time.monotonic():.2f} {method} {path}: {error!r}")
                connection = None

    def some_more(self, count=20):
        """Wait until every kind of reader has had so many answers more."""
        now = Counter(self.answers)
        kinds = {(True, "GET"), (False, "GET"), (True, "POST")}
        wait_until(
            lambda: all(self.answers[kind] >= now[kind] + count for kind in kinds), 120, "readers get answers"
        )


def sign_in(port):
    """The cookies of an editor."""
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    one.request("GET", "/admin/login/")
    page = one.getresponse()
    token = re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', page.read())[1].decode()
    cookies = SimpleCookie(page.getheader("Set-Cookie"))
    form = {"csrfmiddlewaretoken": token, "username": "ed", "password": "a long password"}
    sent = {
        "Cookie": cookies.output(attrs=[], header="").strip(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    one.request("POST", "/admin/login/", urlencode(form), sent)
    answer = one.getresponse()
    assert answer.status == 302, answer.read()
    for told in answer.headers.get_all("Set-Cookie"):
        cookies.load(told)
    return cookies.output(attrs=[], header="", sep=";").strip()


@pytest.mark.parametrize(
    ("megabytes", "path"),
    # With the page cache a reader's page is given up after a second; an editor's never is.
    [("0", "/posts/queue-1/"), ("48", "/admin/blog/post/")],
    ids=["a reader's", "an editor's"],
)
def test_it_finishes_what_it_is_at_when_it_is_told_to_stop(rows, folder, megabytes, path):
    port = free_port()
    release = Release(ROOT, rows, folder)
    release.env |= {"PAGE_CACHE_MB": megabytes}
    serving = release.serve(port)
    headers = {"Cookie": sign_in(port)} if path.startswith("/admin/") else {}
    answers = []

    def read():
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        one.request("GET", path, headers=headers)
        answers.append(one.getresponse().status)

    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    idle.request("GET", "/healthz")
    idle.getresponse().read()
    reader = threading.Thread(target=read)
    try:
        with held(rows) as in_the_way:
            reader.start()
            wait_until(lambda: waits(in_the_way), 30, "the reader's query is held")
            serving.send_signal(signal.SIGTERM)
            # Who comes now goes elsewhere; who is there already is kept, for longer than the three seconds of `make run`.
            wait_until(lambda: not is_open(port), 20, "nobody listens any more")
            time.sleep(4)
            assert serving.poll() is None and not answers
        reader.join()
        assert answers == [200]
        assert idle.sock.recv(1) == b""
        assert serving.wait(30) in {0, -signal.SIGTERM}
    finally:
        if serving.poll() is None:
            os.killpg(serving.pid, signal.SIGKILL)
        reader.join()


HOLD = """
CREATE TABLE held ();
CREATE FUNCTION hold() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    WHILE EXISTS (SELECT FROM pg_class WHERE relname = 'held') LOOP PERFORM pg_sleep(0.05); END LOOP;
    RETURN true;
END $$;
CREATE POLICY held ON blog_post USING ((SELECT hold()));
ALTER TABLE blog_post ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
"""
"""Whoever reads posts computes until the table is gone; nobody would wait that long for a lock."""
LET_GO = """
ALTER TABLE blog_post DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY held ON blog_post;
DROP FUNCTION hold;
"""


@contextmanager
def held(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(HOLD)
        try:
            yield connection
        finally:
            connection.execute("DROP TABLE held")
            connection.execute(LET_GO)


def waits(connection):
    found = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    return found.fetchone()[0]


def test_no_request_fails_while_releases_change(rows, folder, next_release):
    old, new = Release(ROOT, rows, folder), Release(next_release, rows, folder)
    ports = free_port(), free_port()
    running = []
    try:
        serving = old.serve(ports[0])
        running.append(serving)
        with proxy(folder, ports) as port, Load(port) as load:
            load.some_more()
            # Expand, under the old release.
            new.manage("migrate", "--verbosity", "0")
            load.some_more()
            # The new release beside it, then alone; and back again.
            for release, place in ((new, 1), (old, 0), (new, 1)):
                newcomer = release.serve(ports[place])
                running.append(newcomer)
                load.some_more()
                assert stop(serving) in {0, -signal.SIGTERM}
                load.some_more()
                serving = newcomer
        assert not load.failures, f"{len(load.failures)} of {sum(load.answers.values())}: {load.failures[:9]}"
        assert sum(load.answers.values()) > 200
    finally:
        for process in running:
            if process.poll() is None:
                stop(process)
