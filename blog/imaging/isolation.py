"""The doors of this room: every decode happens in a child process that may die, and the parent goes on.

Image decoders are large C programs fed by strangers. The child has bounded memory, time and files, no
environment worth stealing, its own process group, and one request to live for. It is forked from a process that has
loaded the decoders and never reads a picture, see `nursery`. This module itself imports no decoder.
"""

import dataclasses
import logging
import signal
import threading
from typing import Any

from . import forking
from .names import check_bytes, check_name
from .specs import (
    CARD_SECONDS,
    CLEAN_SECONDS,
    MAX_REPLY_BYTES,
    RENDITION_SECONDS,
    CardWords,
    Cleaned,
    Encoded,
    ImageRefused,
)
from .wire import pack, unpack

log = logging.getLogger(__name__)


def clean(data: bytes, *, name: str = "") -> Cleaned:
    """Verify an upload by decoding it in a child process, and encode it again without metadata.

    Args:
        data: the file as uploaded.
        name: its name as given by the browser, before any framework cut it down; empty where there is none.

    Raises:
        ImageRefused: with one or two sentences for the editor. The calling process is unharmed.
    """
    check_name(name)
    check_bytes(data)
    head, blobs = ask({"task": "clean", "name": name}, data, CLEAN_SECONDS)
    return Cleaned(**{**head["made"][0], "data": blobs[0]})


def renditions(data: bytes, *, graphic: bool) -> list[Encoded]:
    """Encode the renditions of a cleaned picture in a child process; see `resizing.encoded` for which.

    Args:
        data: `Cleaned.data`.
        graphic: `Cleaned.graphic`.

    Returns:
        Ascending by width; at each width AVIF, WebP, fallback, where the first two may be missing.

    Raises:
        ImageRefused: the bytes are no such picture, or the child ran out of its limits.
    """
    check_bytes_present(data)
    head, blobs = ask({"task": "renditions", "graphic": graphic}, data, RENDITION_SECONDS)
    return [Encoded(**{**made, "data": blob}) for made, blob in zip(head["made"], blobs, strict=True)]


def look(data: bytes) -> int | None:
    """What a cleaned picture looks like, see `nature.look`, found in a child process.

    Args:
        data: `Cleaned.data`.

    Raises:
        ImageRefused: the bytes are no such picture, or the child ran out of its limits.
    """
    check_bytes_present(data)
    head, _ = ask({"task": "look"}, data, CLEAN_SECONDS)
    found: int | None = head["look"]
    return found


def draw_card(words: CardWords, figure: bytes = b"", focus: tuple[int, int] | None = None) -> Encoded:
    """Draw a social card in a child process; see `card.drawn`.

    Args:
        words: what it says.
        figure: `Cleaned.data` of the picture it shows; empty for none.
        focus: where the eye should fall on it, in per cent from the left and the top; None for its beginning.

    Raises:
        ImageRefused: the bytes are no such picture, or the child ran out of its limits.
    """
    head, blobs = ask(
        {"task": "card", "words": dataclasses.asdict(words), "focus": focus}, figure, CARD_SECONDS
    )
    return Encoded(**{**head["made"][0], "data": blobs[0]})


def check_bytes_present(data: bytes) -> None:
    """A cleaned picture may weigh more than an upload may, but not nothing."""
    if not data:
        raise ImageRefused("stored-empty")


def ask(request: dict[str, Any], data: bytes, seconds: int) -> tuple[dict[str, Any], list[bytes]]:
    """Send one request to a new child and return its answer.

    Raises:
        ImageRefused: the child refused, took more than `seconds`, ran out of memory, or died.
    """
    reply, code, late = converse(pack(request, [data]), seconds)
    try:
        head, blobs = unpack(reply)
    except ValueError:
        late = late or code == -signal.SIGXCPU or code == -signal.SIGALRM
        log.warning("image child ended with code %s%s", code, ", out of time" if late else "")
        raise ImageRefused("slow" if late else "broke") from None
    log.debug("image child peaked at %s KiB", head.get("peak_kib"))
    if "refused" in head:
        raise ImageRefused(head["refused"], **head["values"])
    if "memory" in head:
        raise ImageRefused("memory")
    if "failed" in head:
        log.error("image child failed:\n%s", head["failed"])
        raise ImageRefused("broke")
    return head, blobs


def converse(message: bytes, seconds: int) -> tuple[bytes, int, bool]:
    """Have a child begin, write `message`, read what it says; its bytes, its exit code, and whether it was too
    late.

    The child reads all before it writes, so one after the other cannot deadlock. However it ends, its whole
    process group is gone when this returns.
    """
    for last in (False, True):
        try:
            return attend(forking.start(seconds), message, seconds)
        except forking.NurseryLost:
            if last:
                log.exception("no child can be had for a picture")
    return b"", 1, False


def attend(child: forking.Child, message: bytes, seconds: int) -> tuple[bytes, int, bool]:
    """See one child through its life, see `converse`."""
    late = threading.Event()

    def too_late() -> None:
        late.set()
        child.end()

    timer = threading.Timer(seconds, too_late)
    timer.daemon = True
    timer.start()
    try:
        try:
            child.into.write(message)
            child.into.close()
        except BrokenPipeError:
            pass  # it died early; what it said, if anything, says why
        reply = child.out.read(MAX_REPLY_BYTES + 1)
        if len(reply) > MAX_REPLY_BYTES:
            reply = b""
            child.end()
        code = child.collect(1)
    finally:
        timer.cancel()
        timer.join()
        child.close()
    return reply, code, late.is_set()
