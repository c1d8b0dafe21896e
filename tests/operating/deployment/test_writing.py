"""The generated files, read by the programs that they are for."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from blog.operating.deployment import plan, writing
from tests import programs
from tests.config.servers import ROOT

SERVER = {"HOST": "db1.internal", "PORT": 5432, "USER": "stratum", "PASSWORD": "s3cret", "NAME": "stratum"}


@pytest.fixture(autouse=True)
def site(settings):
    settings.BASE_DIR, settings.DATA = Path("/srv/stratum/app"), Path("/srv/stratum/data")
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://blog.example.org", ["blog.example.org"]
    settings.DATABASE_DIRECT, settings.EMBEDDED_DATABASE = SERVER, False


def test_it_fills_every_hole():
    for name, text in writing.texts(plan.Plan()).items():
        assert name == "grafana.json" or not writing.HOLE.search(text), name


def test_it_names_every_variable_of_the_settings():
    read = (ROOT / "config/settings.py").read_text()
    known = set(re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', read)) - {"DEBUG"}
    assert len(known) > 30
    told = set(re.findall(r"^#?([A-Z0-9_]+)=", writing.texts(plan.Plan())["stratum.env"], re.MULTILINE))
    assert known - told == set(), "these are missing in blog/operating/deployment/files/stratum.env"


def test_it_tells_what_the_environment_says_without_its_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "k" * 50)
    monkeypatch.setenv("DATABASE_URL", "postgres://stratum:s3cret@127.0.0.1:6432/stratum")
    monkeypatch.setenv("BLOG_NAME", 'Layers & "$tones"')
    lines = writing.texts(plan.Plan())["stratum.env"].splitlines()
    assert "SECRET_KEY=" in lines
    assert "DATABASE_URL=postgres://stratum:PASSWORD@127.0.0.1:6432/stratum" in lines
    assert 'BLOG_NAME="Layers & \\"\\$tones\\""' in lines
    assert "s3cret" not in "".join(writing.texts(plan.Plan()).values())


def test_it_lets_the_pooler_listen_where_the_site_looks_for_it(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "PORT", 6439)
    assert "listen_port = 6439\n" in writing.texts(plan.Plan())["pgbouncer/pgbouncer.ini"]
    settings.DATABASE_DIRECT = {}
    assert "listen_port = 6432\n" in writing.texts(plan.Plan())["pgbouncer/pgbouncer.ini"]


def test_it_refuses_to_overwrite_and_then_writes_nothing(tmp_path):
    (tmp_path / "stratum.env").write_text("mine")
    with pytest.raises(CommandError, match="stratum.env: there already"):
        call_command("deployment", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["stratum.env"]
    call_command("deployment", tmp_path, "--overwrite", verbosity=0)
    assert "SITE_URL" in (tmp_path / "stratum.env").read_text()
    assert (tmp_path / "stratum.env").stat().st_mode & 0o777 == 0o600


def test_it_keeps_others_from_reading_secrets(tmp_path):
    call_command("deployment", tmp_path, verbosity=0)
    for name in ("stratum.env", "pgbouncer/userlist.txt"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("node", ["10.0.0.11", "host:0", "host:99999", "a b:80", "host:80;}"])
def test_it_refuses_what_is_no_node(tmp_path, node):
    with pytest.raises(CommandError, match="a host and a port"):
        call_command("deployment", tmp_path, "--node", node)


def test_it_leaves_pgbouncer_out_before_the_embedded_server(settings):
    settings.EMBEDDED_DATABASE, settings.DATABASE_DIRECT = True, {}
    assert not [name for name in writing.texts(plan.Plan()) if "pgbouncer" in name]


@pytest.mark.parametrize("address", ["http://blog.example.org", "https://blog.example.org"])
def test_nginx_takes_its_configuration(tmp_path, settings, address):
    nginx = programs.find("nginx", "/usr/sbin/nginx")
    settings.SITE_URL = address
    call_command("deployment", tmp_path, "--node", "10.0.0.11:8000", "--node", "10.0.0.12:8000", verbosity=0)
    made = (tmp_path / "nginx/stratum.conf").read_text()
    if address.startswith("https"):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=blog.example.org"]
            + ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"],
            check=True,
            capture_output=True,
        )
    for place in ("/var/log/nginx", "/var/cache/nginx-stratum", "/etc/letsencrypt/live/blog.example.org"):
        made = made.replace(place, str(tmp_path))
    (tmp_path / "site.conf").write_text(made)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ include {tmp_path}/site.conf; }}"
    )
    done = subprocess.run(
        [nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_systemd_takes_its_units(tmp_path):
    analyze = shutil.which("systemd-analyze") or pytest.skip("no systemd here")
    call_command("deployment", tmp_path, verbosity=0)
    units = sorted((tmp_path / "systemd").iterdir())
    for unit in units:
        text = unit.read_text().replace("/srv/stratum/app/.venv/bin/python", "/bin/sh")
        unit.write_text(text.replace("/srv/stratum/app", str(tmp_path)))
    done = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line], done.stderr


def test_each_service_is_hardened():
    for name, text in writing.texts(plan.Plan()).items():
        if name.endswith(".service"):
            assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="} <= set(
                text.splitlines()
            )
