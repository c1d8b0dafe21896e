"""A network between one browser and the site that can be bad in several ways."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Network:
    """Listens on a port of its own and carries bytes to the site's and back.

    `state` is `open`; `cut`: connections break and none is made; `deaf`: what is sent arrives, no answer comes back;
    or `slow`: nothing moves until it is open again.
    """

    def __init__(self, to: int) -> None:
        self.to = to
        self.state = "open"
        self._ends: set[asyncio.StreamWriter] = set()

    async def begin(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def turn(self, state: str) -> None:
        self.state = state
        if state == "cut":
            for end in list(self._ends):
                end.transport.abort()

    async def _carry(self, asks: asyncio.StreamReader, browser: asyncio.StreamWriter) -> None:
        try:
            if self.state == "cut":
                raise OSError
            answers, site = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            browser.transport.abort()
            return
        self._ends |= {browser, site}
        await asyncio.gather(self._pump(asks, site), self._pump(answers, browser, back=True))
        self._ends -= {browser, site}

    async def _pump(
        self, give: asyncio.StreamReader, take: asyncio.StreamWriter, *, back: bool = False
    ) -> None:
        with suppress(OSError):
            while some := await give.read(65_536):
                while self.state == "slow":
                    await asyncio.sleep(0.05)
                if back and self.state == "deaf":
                    continue
                take.write(some)
                await take.drain()
        with suppress(OSError):
            take.close()
