"""Three editors at one published post, by dice: whatever is killed or cut meanwhile, no word is lost.

    INTERLEAVINGS_SECONDS=300 INTERLEAVINGS_SEED=7 make test ARGS="tests/e2e/test_interleavings.py -s"

plays for five minutes. The dice are the same for a seed; what they meet depends on the machine.
"""

import asyncio
import os
import sys
import time
from random import Random

import pytest
from django.contrib.auth import get_user_model

from blog.models import Post, Revision, WorkingCopy
from blog.publishing import contents
from tests import make

from .conftest import ARGUMENTS
from .network import Network
from .restless import Editor, words_in
from .site import PASSWORD, Site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.kills,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
]
SECONDS = float(os.environ.get("INTERLEAVINGS_SECONDS", "6"))
SEED = os.environ.get("INTERLEAVINGS_SEED", "1")
OLD = 2.0  # seconds after which a keystroke is safe
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def site(chromium, transactional_db, tmp_path):
    site = Site(tmp_path / "complaints.log")
    yield site
    site.kill()


@pytest.fixture
def post(transactional_db):
    for number in range(3):
        get_user_model().objects.create_superuser(f"editor{number}", password=PASSWORD)
    return make.post("Queues", body="One.\n\nTwo.\n\nThree.\n\nFour.\n")


async def play(chromium, site, post):
    """Lets them work; gives the editors, when they ended, and the words that each has in view then."""
    from playwright.async_api import async_playwright

    editors = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for number, size in enumerate([DESK, DESK, PHONE]):
            network = Network(site.port)
            await network.begin()
            context = await browser.new_context(viewport=size)
            path = f"/admin/blog/post/{post.pk}/change/"
            editors.append(Editor(number, context, network, path, Random(f"{SEED}/{number}")))
        for editor in editors:
            await editor.begin()
        until = time.monotonic() + SECONDS
        await asyncio.gather(kills(site, editors[0], until), *(editor.works(until) for editor in editors))
        while not site.answers():
            await asyncio.sleep(0.05)
        await asyncio.sleep(OLD)
        ended = time.monotonic() - OLD
        views = [await editor.has_in_view() for editor in editors]
        await browser.close()
    return editors, ended, views


async def kills(site, witness, until):
    """The server is killed now and then, and started again a while later."""
    dice = Random(f"{SEED}/server")
    while (again := time.monotonic() + dice.uniform(5, 20)) < until:
        await asyncio.sleep(again - time.monotonic())
        witness.note("sees the server killed")
        await asyncio.to_thread(site.kill)
        await asyncio.sleep(dice.uniform(0.1, 3))
        site.begin()


def around(story, words):
    """What happened when these words were typed, and after it."""
    found = [n for n, line in enumerate(story) if words & words_in(line)]
    return "\n".join(line for n, line in enumerate(story) if any(at - 5 <= n < at + 30 for at in found))


def test_no_word_is_lost_whatever_three_editors_do_at_one_post(chromium, site, post):
    editors, ended, views = asyncio.run(play(chromium, site, post))
    post = Post.objects.select_related("draft").get(pk=post.pk)
    said = words_in(str(contents.head(post)))
    saves = post.revisions.exclude(kind=Revision.Kind.ASIDE)
    ever = words_in(str(list(saves.values_list("content"))))
    refused = set().union(*(editor.given_up for editor in editors))
    lost, overwritten = set(), set()
    for editor, view in zip(editors, views, strict=True):
        own = WorkingCopy.objects.filter(user__username=editor.account, post=post)
        copies = own if editor.discards else own.filter(discarded_at=None)
        kept = words_in(str(list(copies.values_list("form"))))
        old = {word for word, at in editor.typed.items() if at < ended}
        lost |= old - said - kept - view - refused
        overwritten |= (editor.saved - said - refused) | (editor.saved - ever)
    typed, saved = (
        {editor.account: len(getattr(editor, what)) for editor in editors} for what in ("typed", "saved")
    )
    sys.stdout.write(
        f"seed {SEED}: typed {typed}, saved {saved}, {len(refused)} decided against; version {post.version}\n"
    )
    story = [line for _at, line in sorted(line for editor in editors for line in editor.log)]
    wrong = lost | overwritten
    assert not wrong, f"lost {sorted(lost)}, overwritten {sorted(overwritten)}\n{around(story, wrong)}"
    troubles = [one for editor in editors for one in editor.trouble]
    assert not troubles, f"{troubles}\n{site.log.read_text()[-6000:]}"
    assert sum(typed.values())
