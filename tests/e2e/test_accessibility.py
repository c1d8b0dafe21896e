"""The admin's pages as axe-core sees them: WCAG 2.0 to 2.2, A and AA, and what is good practice besides.

One window size, colour and language are looked at in every run. AXE=all looks at all of them, and so does the name of
another axe than the one that is installed with the tests: AXE=…/axe-core/axe.min.js.
"""

import json
import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings
from django.utils import timezone

from blog.models import Author, FigureVersion, Post, Tag
from blog.publishing import contents, editing, second_factor, trash
from tests import make

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = (
    f"axe.run(document, {{iframes: false, runOnly: {{type: 'tag', values: {json.dumps(RULES)}}}}})"
    ".then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(' ')}`))"
)
ASKED = os.environ.get("AXE", "")
PASSWORD = "a long password"
LOOKS = [(360, "light", "en"), (360, "dark", "en"), (1280, "light", "en"), (1280, "dark", "en"), (360, "light", "de"),
         (1280, "light", "de")]  # fmt: skip


@pytest.fixture(scope="module")
def axe():
    if ASKED not in {"", "all"}:
        return Path(ASKED).read_text("utf-8")
    carrier = pytest.importorskip(
        "axe_playwright_python", reason="it carries axe-core; see requirements-dev.txt"
    )
    return (Path(carrier.__file__).parent / "axe.min.js").read_text("utf-8")


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
    at = timezone.now()
    user = get_user_model().objects.create_superuser("axe", "axe@example.org", PASSWORD)
    other = get_user_model().objects.create_superuser("half", "half@example.org", PASSWORD)
    second_factor.renew_codes(other, at=at)
    trash.put(thrown, at=at, by=user)
    clashing = make.post("Written by two", slug="two", status=Post.Status.DRAFT)
    was = contents.read(clashing)
    aside = editing.set_aside(clashing, was | {"title": "Mine", "body": "Mine.\n"}, seen=1, at=at, by=user)
    editing.save(clashing, was | {"title": "Theirs", "body": "Theirs.\n"}, at=at, by=other, seen=1)
    version = FigureVersion.objects.create(
        figure=figure, image=figure.image.name, width=640, height=400, original=figure.original.name, content_hash="0" * 64, at=at,
    )  # fmt: skip
    client = Client()
    client.force_login(user)
    tags = ",".join(str(pk) for pk in Tag.objects.values_list("pk", flat=True))
    posts = [
        f"post/{live.pk}/{page}/"
        for page in ("change", "history", "compare", "review", "links", "delete", "working-copy")
    ]
    pages = [
        "../", "../sign-in/", "../sign-in/app/", "../password_change/", "post/", "post/?q=nothing", "post/add/", *posts,
        f"post/{draft.pk}/change/", f"post/{clashing.pk}/merge/{aside.pk}/", f"post/{thrown.pk}/change/", f"post/trash/{thrown.pk}/delete/", "post/trash/",
        "post/calendar/", "post/zone/", "post/reports/", "post/reports/coverage/", "post/reports/old/",
        "post/reports/undescribed/", "post/reports/missed/", "figure/", "figure/?as=list", "figure/add/",
        "figure/upload/", *(f"figure/{figure.pk}/{page}/" for page in ("change", "replace", "uses", "delete")),
        f"figure/{figure.pk}/replace/{version.pk}/", "learningpath/", "learningpath/add/", "learninglevel/", f"learninglevel/{live.learning_level_id}/change/",
        "author/", "author/add/", "address/", "series/", "tag/add/", f"category/{category.pk}/rename/", "post/999/history/", "nowhere/",
        "category/", f"category/{category.pk}/change/", f"category/{category.pk}/delete/", "tag/",
        f"tag/merge/?ids={tags}", f"author/{Author.objects.get().pk}/change/", "series/add/", "event/", "operation/",
    ]  # fmt: skip
    return [f"{server}/admin/blog/{page}" for page in pages], client.cookies["sessionid"].value


def after_the_password(page, base):
    page.context.clear_cookies()
    page.goto(f"{base}/admin/")
    page.fill("[name=username]", "half")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/code/**")


def recovery_codes(page, base):
    after_the_password(page, base)
    user = get_user_model().objects.get(username="half")
    code, *_ = second_factor.renew_codes(user, at=timezone.now())
    page.fill("[name=code]", code)
    page.press("[name=code]", "Enter")
    page.wait_for_selector("#user-tools")
    page.goto(f"{base}/admin/sign-in/")
    page.fill("[name=password]", PASSWORD)
    page.click("[name=_codes]")
    page.wait_for_selector(".sign-codes")


def fresh_preview_link(page, base):
    page.goto(f"{base}/admin/blog/post/{Post.objects.get(slug='two').pk}/links/")
    page.click(".link-form button")
    page.wait_for_selector("#link-address")


def bulk_action_and_its_undo(page, base):
    yield choose(page, base)
    page.click(".order-buttons button")
    page.wait_for_selector(".messagelist .undo-button")
    yield
    page.click(".messagelist .undo-button")
    page.wait_for_url("**/operation/")


def choose(page, base):
    page.goto(f"{base}/admin/blog/post/")
    page.locator("#result_list tr", has_text="Theirs").locator(".action-select").check()
    page.select_option("[name=action]", "trash_selected")
    page.click("#changelist .actions [type=submit]")
    page.wait_for_selector(".order-buttons")


# Pages that one comes to by sending a form; the function stops at each.
WALKS = [after_the_password, recovery_codes, fresh_preview_link, bulk_action_and_its_undo]


def judge(page, axe):
    """What axe finds on the page as it is, and whether it is wider than the window."""
    tools = page.context.new_cdp_session(page)
    frame = tools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    # A world of its own is not bound by the page's policy, which lets no such script in.
    world = tools.send("Page.createIsolatedWorld", {"frameId": frame})["executionContextId"]
    ask = {"contextId": world, "awaitPromise": True, "returnByValue": True}
    tools.send("Runtime.evaluate", ask | {"expression": axe})
    found = tools.send("Runtime.evaluate", ask | {"expression": RUN})["result"]["value"]
    tools.detach()
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, "wider than the window"] if wide else found


@pytest.fixture
def tab(request, browser, server, admin):
    """A page in a window of some width, in some colours and language, signed in."""
    width, colours, language = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    context.add_cookies([{"name": "sessionid", "value": admin[1], "url": server}])
    with override_settings(LANGUAGE_CODE=language):
        yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "tab", LOOKS if ASKED else LOOKS[:1], indirect=True, ids=lambda look: "-".join(map(str, look))
)
def test_axe_finds_nothing_on_any_page_of_the_admin(axe, server, admin, tab):
    found = {}
    for address in admin[0]:
        tab.goto(address)
        if tab.locator("textarea.body-text").count():
            tab.wait_for_selector(".writer[data-ready]", state="attached")
        found[address] = judge(tab, axe)
    for walk in WALKS:
        for number, _ in enumerate(stops(walk(tab, server))):
            found[f"{walk.__name__} {number}"] = judge(tab, axe)
    assert {address: said for address, said in found.items() if said} == {}


def stops(walk):
    """A walk with one stop is a function like any other."""
    return walk if walk is not None else [None]
