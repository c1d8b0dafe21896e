"""An editor who throws dice, and remembers every word: for `test_interleavings.py`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from playwright.async_api import BrowserContext, Error, Page, Response

from .network import Network
from .site import PASSWORD

WORD = re.compile(r"\bw\d+x\d+\b")
SOON = 4_000  # ms that a deed may wait for the page
PATIENCE = 12.0  # seconds after which an editor leaves a tab that does not come back
FIELDS = ("body", "body", "body", "title", "summary")
# Where the caret goes: to the end, or behind one of the words.
PLACE = """([id, place]) => {
    const field = document.getElementById(id);
    if (!field || !field.getClientRects().length) return false;
    field.focus();
    const ends = [...field.value.matchAll(/\\S(?=\\s|$)/g)].map((found) => found.index + 1);
    const at = place < 0.5 && ends.length ? ends[Math.floor(place * 2 * ends.length)] : field.value.length;
    field.setSelectionRange(at, at);
    return true;
}"""
# What an earlier save has said must not be taken for what this one says.
SAVE = """() => {
    document.querySelector(".messagelist")?.remove();
    document.querySelector("input[name=_continue]").click();
}"""
FORM = """() => [...document.querySelectorAll("#id_title, #id_body, #id_summary")].map((one) => one.value).join(" ")"""
# Django's own scripts, when the one with their words did not come through.
STOCK = re.compile(r"gettext(_noop)? is not defined")


def words_in(text: str) -> set[str]:
    return set(WORD.findall(text))


@dataclass
class Editor:
    """`typed` has each word with the time of its last key, `given_up` the words that somebody decided against by this
    editor's hand, `saved` those of saves that the server has acknowledged. `discards`: has chosen between two texts of
    its own, and the other can be brought back for 30 days."""

    number: int
    context: BrowserContext
    network: Network
    path: str
    dice: Random
    typed: dict[str, float] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    saved: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)
    discards: bool = False
    pressed: set[str] | None = None
    bad_until: float = 0.0

    @property
    def account(self) -> str:
        return f"editor{self.number}"

    def note(self, what: str) -> None:
        self.log.append((time.monotonic(), f"{self.account} {what}"))

    # --- A day's work

    async def begin(self) -> None:
        self.context.on("console", lambda m: "Content Security" in m.text and self.trouble.append(m.text))
        self.context.on("weberror", lambda e: STOCK.search(str(e.error)) or self.trouble.append(str(e.error)))
        self.context.on("response", self._look)
        await self._open()
        await self.page.goto(f"{self.network.url}/admin/login/?next=/admin/password_change/", timeout=60_000)
        await self.page.fill("#id_username", self.account)
        await self.page.fill("#id_password", PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector("#user-tools", timeout=60_000)
        await self.page.goto(self.network.url + self.path, timeout=60_000)

    async def works(self, until: float) -> None:
        """One deed after the other, by the dice; whatever the page is in the middle of, nothing stops the editor."""
        deeds = {
            self.types: 60, self.leaves_the_field: 6, self.saves: 12, self.reloads: 3, self.reopens: 3,
            self.takes_a_second_tab: 1, self.goes_back: 1, self.suffers: 4,
        }  # fmt: skip
        while time.monotonic() < until:
            if self.bad_until and time.monotonic() > self.bad_until:
                self._turn("open")
            deed = self.dice.choices(list(deeds), list(deeds.values()))[0]
            try:
                await asyncio.wait_for(self._does(deed), PATIENCE)
            except Error as error:  # the page went elsewhere meanwhile, or nobody answers
                self.note(f"could not: {deed.__name__} ({str(error).splitlines()[0][:90]})")
            except TimeoutError:
                self.note(f"gives up a tab: {deed.__name__} took too long")
                await self._change_tabs()
            await asyncio.sleep(self.dice.random() * 0.35)
        self._turn("open")

    async def _does(self, deed: Any) -> None:
        await self._notice_save()
        if not await self._is_asked():
            await deed()

    async def _open(self) -> None:
        self.page: Page = await self.context.new_page()
        self.page.set_default_timeout(SOON)
        self.page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))

    async def _change_tabs(self) -> None:
        self.pressed, old = None, self.page
        await self._open()
        asyncio.ensure_future(_close(old))  # noqa: RUF006
        with suppress(Error):
            await self._goes_to_the_form()

    async def _goes_to_the_form(self) -> None:
        await self.page.goto(self.network.url + self.path, wait_until="commit")

    def _look(self, response: Response) -> None:
        if response.status >= 500 or response.status == 429:
            self.trouble.append(f"{response.status} {response.request.method} {response.url}")
            self.note(f"got {self.trouble[-1]}")

    # --- Deeds

    async def types(self) -> None:
        where = self.dice.choice(FIELDS)
        if not await self.page.evaluate(PLACE, [f"id_{where}", self.dice.random()]):
            return await self.returns()
        if where != "body" and len(await self.page.input_value(f"#id_{where}")) > 120:
            # Too long for a title: the editor begins anew, and throws away what stood there.
            self.given_up |= words_in(await self.page.input_value(f"#id_{where}"))
            await self.page.fill(f"#id_{where}", "Shorter")
        word = f"w{self.number}x{len(self.typed)}"
        paragraph = where == "body" and self.dice.random() < 0.4
        await self.page.keyboard.type("\n\n" * paragraph + f" {word}")
        if word in words_in(await self.page.evaluate(FORM)):
            self.typed[word] = time.monotonic()
            self.note(f"typed {word} into {where}")
        return None

    async def leaves_the_field(self) -> None:
        await self.page.keyboard.press("Tab")

    async def saves(self) -> None:
        if not await self.page.locator("input[name=_continue]").count():
            return await self.returns()
        self.pressed = words_in(await self.page.evaluate(FORM))
        self.note("presses save")
        await self.page.evaluate(SAVE)
        if self.dice.random() < 0.3:  # goes on typing until the answer is there
            await self.types()
        return None

    async def reloads(self) -> None:
        self.note("reloads")
        await self.page.reload(wait_until="commit")

    async def goes_back(self) -> None:
        self.note("goes back")
        await self.page.go_back(wait_until="commit")

    async def reopens(self) -> None:
        self.note("closes the tab and opens another")
        await self._change_tabs()

    async def takes_a_second_tab(self) -> None:
        self.note("opens a second tab before closing the first")
        self.pressed, old = None, self.page
        await self._open()
        await self._goes_to_the_form()
        await self.types()
        asyncio.ensure_future(_close(old))  # noqa: RUF006

    async def returns(self) -> None:
        self.pressed = None
        elsewhere = "/change/" not in self.page.url and "/merge/" not in self.page.url
        if elsewhere or self.dice.random() < 0.3:
            self.note("returns to the form")
            await self._goes_to_the_form()

    async def suffers(self) -> None:
        """The network goes bad for a while, or the browser learns that there is none."""
        if self.bad_until:
            return
        state = self.dice.choice(["cut", "cut", "deaf", "slow", "offline"])
        if state != "offline":
            self._turn(state, self.dice.uniform(0.2, 6))
            return
        self.note("is offline")
        await self.context.set_offline(True)
        with suppress(Error):
            await self.types()
        await asyncio.sleep(self.dice.random() * 3)
        await self.context.set_offline(False)

    def _turn(self, state: str, seconds: float = 0.0) -> None:
        self.note(f"has a network that is {state}")
        self.network.turn(state)
        self.bad_until = time.monotonic() + seconds if seconds else 0.0

    # --- What the site says and asks

    async def _notice_save(self) -> None:
        if self.pressed is not None and await self.page.locator(".messagelist .success").count():
            shown = self.pressed & words_in(await self.page.evaluate(FORM))
            self.note(f"sees {len(shown)} of {len(self.pressed)} words saved")
            self.saved |= shown
            self.pressed = None

    async def _is_asked(self) -> bool:
        """Answers what stands on the page, if the dice say so now."""
        if self.dice.random() < 0.5:
            return False
        if "/merge/" in self.page.url:
            await self._decides()
            return True
        panel = self.page.locator(".keeping-ask button[data-do]:visible")
        buttons = [button for button in await panel.all() if await button.get_attribute("data-do") != "both"]
        if buttons:
            button = self.dice.choice(buttons)
            self.note(f"answers a panel: {await button.get_attribute('data-do')}")
            self.discards = True
            await button.click()
            return True
        offer = self.page.locator("section[data-offer]:visible a.default")
        if await offer.count():
            self.note("continues")
            await offer.first.click(no_wait_after=True)
            return True
        return False

    async def _decides(self) -> None:
        refused = set()
        for place in await self.page.locator("fieldset.clash").all():
            chosen = self.dice.choice(await place.locator("input[type=radio]").all())
            await chosen.check()
            theirs, mine = [words_in(one) for one in await place.locator(".pieces").all_inner_texts()]
            side = await chosen.get_attribute("value")
            refused |= {"theirs": mine - theirs, "mine": theirs - mine}.get(side or "", set())
        self.note(f"decides a merge, against {sorted(refused)}")
        self.given_up |= refused
        await self.page.locator("form .default").click(no_wait_after=True)

    # --- At the end

    async def has_in_view(self) -> set[str]:
        """The words of a question that the page asks now, and those that the browser keeps, which outlive the tab."""
        asked = set()
        if "/merge/" in self.page.url:
            asked = words_in(await self.page.inner_text("body", timeout=60_000))
        await self._open()  # the other may never arrive where it is going
        await self.page.goto(f"{self.network.url}/admin/password_change/", timeout=60_000)
        store = await self.page.evaluate("() => ({ ...localStorage })")
        return asked | words_in(json.dumps(store))


async def _close(page: Page) -> None:
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(page.close(), 30)
