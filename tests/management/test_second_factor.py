import io
import os
import subprocess
import sys
from contextlib import suppress

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from blog.models import Event, LoginDelay
from blog.publishing import logins, second_factor
from tests.config.servers import ROOT, environment


def run(*given: str) -> str:
    out = io.StringIO()
    call_command("second_factor", *given, stdout=out)
    return out.getvalue()


@pytest.fixture
def ada(db):
    user = get_user_model().objects.create_superuser("ada", password="right")
    second_factor.renew_codes(user, at=timezone.now())
    return user


def test_it_says_what_an_account_has(ada):
    assert "a second factor and 10 recovery codes; need not" in run("ada")


def test_it_takes_a_lost_second_factor_away_and_ends_the_sessions(ada):
    client = Client()
    client.force_login(ada)
    session = client.session
    session["second_factor"] = "passed"
    session.save()
    assert client.get("/admin/").status_code == 200
    assert "removed" in run("ada", "--remove")
    assert not second_factor.enrolled(ada)
    assert client.get("/admin/").status_code == 302
    assert Event.objects.filter(verb="second_factor.removed", thing=ada.pk).exists()
    assert "has no second factor" in run("ada", "--remove")


def test_it_signs_an_account_out(ada):
    Client().force_login(ada)
    assert "1 sessions ended" in run("ada", "--end-sessions")


def test_it_forgets_what_strangers_failed(ada, now):
    for n in range(100):
        with suppress(logins.TooMany):
            logins.judge(logins.Attempt("ada", f"192.0.2.{n}"), lambda: False, at=now)
    rows = LoginDelay.objects.count()
    run("ada", "--no-delay")
    assert LoginDelay.objects.count() == rows - 1


def test_it_names_an_account_that_there_is_not(db):
    with pytest.raises(CommandError, match="no account “eve”"):
        run("eve")


def checked(before: str = "", **env: str) -> subprocess.CompletedProcess:
    """`manage.py check` in a process of its own, after this statement."""
    words = f"import sys; {before}; from django.core.management import execute_from_command_line as run; run(['manage.py', 'check'])"
    given = environment(
        DJANGO_SETTINGS_MODULE="config.settings",
        SECRET_KEY="k" * 50,
        DATABASE_URL="postgres://u:p@127.0.0.1:1/x",
    )
    return subprocess.run([sys.executable, "-c", words], cwd=ROOT, env={**os.environ, **given, **env}, capture_output=True, text=True)  # fmt: skip


def test_the_site_works_without_the_package():
    done = checked("sys.modules['django_otp'] = None")
    assert done.returncode == 0, done.stderr


def test_it_refuses_to_start_where_a_second_factor_is_demanded_and_cannot_be_had():
    done = checked("sys.modules['django_otp'] = None", REQUIRE_SECOND_FACTOR="publishers")
    assert done.returncode and "requirements-otp.txt" in done.stderr
    assert "none, publishers or all" in checked("pass", REQUIRE_SECOND_FACTOR="maybe").stderr
