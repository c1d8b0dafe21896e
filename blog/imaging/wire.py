"""The messages between parent and child: a JSON head and binary blobs, each with its length in front.

    message := u32 big-endian length of head, head (UTF-8 JSON object), blobs

head["blobs"] lists the length of each blob, in order; every other key is free.
"""

import json
from typing import Any

Head = dict[str, Any]


def pack(head: Head, blobs: list[bytes]) -> bytes:
    """One message as bytes."""
    text = json.dumps({**head, "blobs": [len(blob) for blob in blobs]}).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *blobs])


def unpack(message: bytes) -> tuple[Head, list[bytes]]:
    """The head and the blobs of one message.

    Raises:
        ValueError: the message is cut short, or longer than it says.
    """
    size = int.from_bytes(message[:4], "big")
    if len(message) < 4 or len(message) < 4 + size:
        raise ValueError("the message ends inside its head")
    head = json.loads(message[4 : 4 + size])
    if not isinstance(head, dict):
        raise ValueError("the head is not an object")
    at, blobs = 4 + size, []
    for length in head.pop("blobs"):
        blobs.append(message[at : at + length])
        at += length
    if at != len(message):
        raise ValueError("the blobs do not fill the message")
    return head, blobs
