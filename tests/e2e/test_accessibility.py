"""The admin's pages as axe-core sees them: WCAG 2.0 to 2.2, A and AA, and what is good practice besides.

axe is no part of the project: `npm install axe-core` anywhere, and name its file, AXE=…/axe-core/axe.min.js.
"""

import json
import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from blog.models import Author, Post, Tag
from blog.publishing import trash
from tests import make

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = (
    f"axe.run(document, {{iframes: false, runOnly: {{type: 'tag', values: {json.dumps(RULES)}}}}})"
    ".then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(' ')}`))"
)


@pytest.fixture(scope="module")
def axe():
    path = os.environ.get("AXE", "")
    if not path:
        pytest.skip("no axe-core here; AXE names its axe.min.js")
    return Path(path).read_text("utf-8")


@pytest.fixture(scope="module")
def admin(axe, server):
    """The addresses of the admin's pages, each about a row that fills it, and a session that may open them."""
    category, figure, author = make.category("storage/files"), make.figure(), make.author()
    live = make.post(
        "Live",
        categories=[category],
        authors=[author],
        tags=["queues", "load"],
        body="![](figure:event-bus)\n",
    )
    draft = make.post("Draft", slug="draft", status=Post.Status.DRAFT, summary="", body="![](figure:none)\n")
    thrown = make.post("Thrown away", slug="thrown", status=Post.Status.DRAFT)
    user = get_user_model().objects.create_superuser("axe", "axe@example.org", "a long password")
    trash.put(thrown, at=timezone.now(), by=user)
    client = Client()
    client.force_login(user)
    tags = ",".join(str(pk) for pk in Tag.objects.values_list("pk", flat=True))
    posts = [
        f"post/{live.pk}/{page}/"
        for page in ("change", "history", "compare", "review", "links", "delete", "working-copy")
    ]
    pages = [
        "../", "../sign-in/", "../sign-in/app/", "../password_change/", "post/", "post/?q=nothing", "post/add/", *posts,
        f"post/{draft.pk}/change/", f"post/{thrown.pk}/change/", f"post/trash/{thrown.pk}/delete/", "post/trash/",
        "post/calendar/", "post/zone/", "post/reports/", "post/reports/coverage/", "post/reports/old/",
        "post/reports/undescribed/", "post/reports/missed/", "figure/", "figure/?as=list", "figure/add/",
        "figure/upload/", *(f"figure/{figure.pk}/{page}/" for page in ("change", "replace", "uses", "delete")),
        "category/", f"category/{category.pk}/change/", f"category/{category.pk}/delete/", "tag/",
        f"tag/merge/?ids={tags}", f"author/{Author.objects.get().pk}/change/", "series/add/", "event/", "operation/",
    ]  # fmt: skip
    return [f"{server}/admin/blog/{page}" for page in pages], client.cookies["sessionid"].value


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_any_page_of_the_admin(axe, browser, server, admin, width, colours):
    pages, session = admin
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    context.add_cookies([{"name": "sessionid", "value": session, "url": server}])
    page = context.new_page()
    found = {}
    for address in pages:
        page.goto(address)
        if page.locator("textarea.body-text").count():
            page.wait_for_selector(".writer[data-ready]", state="attached")
        tools = context.new_cdp_session(page)
        frame = tools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        # A world of its own is not bound by the page's policy, which lets no such script in.
        world = tools.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
        ask = {"contextId": world, "awaitPromise": True, "returnByValue": True}
        tools.send("Runtime.evaluate", ask | {"expression": axe})
        found[address] = tools.send("Runtime.evaluate", ask | {"expression": RUN})["result"]["value"]
        tools.detach()
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[address].append("wider than the window")
    context.close()
    assert {address: said for address, said in found.items() if said} == {}
