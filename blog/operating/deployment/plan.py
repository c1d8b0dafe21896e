"""What the files say of this site: its settings, and the machines that the operator has named."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from blog.imaging import MAX_BYTES

NODE = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<port>\d{1,5})")
PATH = re.compile(r"/[\w./-]*")
SECRETS = frozenset({"SECRET_KEY", "MONITOR_TOKEN", "MEDIA_S3_ACCESS_KEY", "MEDIA_S3_SECRET_KEY"})
PRIVATE = ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
FORM_BYTES = 1 << 20
"""What a form has beside its file."""


class BadPlan(ValueError):
    """Something cannot stand in these files; `str()` says what."""


@dataclass(frozen=True)
class Plan:
    """What only the operator knows. Ports are this machine's, `nodes` all web nodes as `host:port`."""

    nodes: tuple[str, ...] = ("127.0.0.1:8000",)
    account: str = "stratum"
    environment: str = "/etc/stratum/stratum.env"
    backups: str = "/srv/backups"

    def __post_init__(self) -> None:
        for node in self.nodes:
            found = NODE.fullmatch(node)
            if not found or not 0 < int(found["port"]) < 65_536:
                raise BadPlan(f"--node {node}: a host and a port, as in 10.0.0.11:8000.")
        if not self.nodes or len(set(self.nodes)) < len(self.nodes):
            raise BadPlan("Name each web node once with --node.")
        if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,31}", self.account):
            raise BadPlan(f"--account {self.account}: no name of an account.")
        for path in (self.environment, self.backups, str(settings.BASE_DIR), str(settings.DATA)):
            if not PATH.fullmatch(path):
                raise BadPlan(f"{path}: paths in these files are absolute, without blanks or odd signs.")


def values(plan: Plan) -> dict[str, str]:
    """All that the files have holes for, by name."""
    site = urlsplit(settings.SITE_URL)
    hosts = [site.hostname or "_", *(one for one in settings.ALLOWED_HOSTS if re.fullmatch(r"[\w.-]+", one))]
    port = plan.nodes[0].rsplit(":", 1)[1]
    return {
        "account": plan.account,
        "environment": plan.environment,
        "backups": plan.backups,
        "program": str(settings.BASE_DIR),
        "data": str(settings.DATA),
        "port": port,
        "nodes": "\n".join(f"    server {node} max_fails=0;" for node in plan.nodes),
        "hosts": " ".join(dict.fromkeys(hosts)),
        "upload": f"{-(-(MAX_BYTES + FORM_BYTES) // 2**20)}m",
        "private": "".join(f"allow {one}; " for one in PRIVATE) + "deny all; ",
        "cache": "/var/cache/nginx-stratum",
        "logs": "/var/log/nginx",
        **_listening(site.hostname or "_", secure=site.scheme == "https"),
        **_database(),
    }


def _listening(host: str, *, secure: bool) -> dict[str, str]:
    if not secure:
        return {"listen": "    listen 80;\n    listen [::]:80;", "redirect": ""}
    certificate = f"/etc/letsencrypt/live/{host}"
    return {
        "listen": "\n".join(
            [
                "    listen 443 ssl http2;",
                "    listen [::]:443 ssl http2;",
                f"    ssl_certificate {certificate}/fullchain.pem;",
                f"    ssl_certificate_key {certificate}/privkey.pem;",
                "    ssl_protocols TLSv1.2 TLSv1.3;",
                "    ssl_session_cache shared:stratum_tls:10m;",
                "    ssl_session_tickets off;",
            ]
        ),
        "redirect": "\n".join(
            [
                "server {",
                "    listen 80;",
                "    listen [::]:80;",
                f"    server_name {host};",
                "    server_tokens off;",
                "    location /.well-known/acme-challenge/ { root /var/www/html; }",
                f"    location / {{ return 301 https://{host}$request_uri; }}",
                "}",
                "",
                "",
            ]
        ),
    }


def _database() -> dict[str, str]:
    """Of the server itself, which PgBouncer stands before."""
    told: dict[str, Any] = settings.DATABASE_DIRECT or settings.DATABASES["default"]
    return {
        "database": str(told["NAME"]),
        "database_host": str(told["HOST"] or "127.0.0.1"),
        "database_port": str(told.get("PORT") or 5432),
        "database_user": str(told["USER"]),
        "auth_type": "scram-sha-256",
        "bouncer": "/etc/pgbouncer",
        "bouncer_host": "127.0.0.1",
        "bouncer_port": str(settings.DATABASE_DIRECT and settings.DATABASES["default"].get("PORT") or 6432),
        "bouncer_log": "/var/log/postgresql/pgbouncer.log",
        "bouncer_pid": "/run/postgresql/pgbouncer.pid",
    }


def said(name: str) -> str | None:
    """What the environment says of a variable now, without its secrets; None where it says nothing."""
    if name not in os.environ:
        return None
    value = os.environ[name]
    if name in SECRETS:
        return ""
    password = urlsplit(value).password if "://" in value else None
    return value.replace(f":{password}@", ":PASSWORD@", 1) if password else value


def folder() -> Path:
    return Path(__file__).parent / "files"
