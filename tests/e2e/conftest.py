"""A real browser and a real server for the tests of this folder; where there is no browser, they say so and are skipped."""

import os

import pytest
from django.db import connections
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(server, chromium):
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, which Django takes for an async context.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        connections.close_all()  # within Playwright's loop the tests have a connection of their own
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def server(chromium, committed_rows):
    """The address of a server of this process, for a module whose tests look at the same rows and change none."""
    running = LiveServer("localhost")
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        yield running.url
    running.stop()
