"""Pictures and hostile files, made here byte by byte or with Pillow; none is stored."""

import io
import random
import struct
import zlib

from PIL import Image, ImageDraw


def saved(image: Image.Image, format_: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, format=format_, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def diagram(width: int = 320, height: int = 200, boxes: int = 6) -> Image.Image:
    """Boxes, lines and text on white: what engineers draw."""
    chance = random.Random(7)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for number in range(boxes):
        x, y = chance.randrange(width * 3 // 4), chance.randrange(height * 3 // 4)
        colour = tuple(chance.randrange(120, 256) for _ in "rgb")
        draw.line((x, y, chance.randrange(width), chance.randrange(height)), fill=(200, 0, 0), width=2)
        draw.rounded_rectangle(
            (x, y, x + width // 6, y + height // 6), 4, fill=colour, outline="black", width=2
        )
        draw.text((x + 5, y + 5), f"queue {number}", fill="black")
    return image


def photo(width: int = 320, height: int = 200) -> Image.Image:
    """Smooth light with sensor noise, different in each channel."""
    light = Image.linear_gradient("L").resize((width, height))
    noise = [Image.effect_noise((width, height), 12) for _ in "rgb"]
    return Image.merge(
        "RGB", [Image.blend(light, one, share) for one, share in zip(noise, (0.4, 0.6, 0.5), strict=True)]
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*extra: bytes, width: int = 4, height: int = 4, rows: bytes | None = None) -> bytes:
    """A true-colour PNG by hand, with chunks between header and data."""
    rows = b"\0" * ((width * 3 + 1) * height) if rows is None else rows
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            *extra,
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        ]
    )


def zeros(megabytes: int) -> bytes:
    """`megabytes` of zeros, deflated a thousand times smaller."""
    packer = zlib.compressobj(9)
    block = b"\0" * 1024 * 1024
    return b"".join([packer.compress(block) for _ in range(megabytes)] + [packer.flush()])


def gps_exif(orientation: int = 1) -> bytes:
    """EXIF with a position near Greenwich, a camera's serial number, and an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Serial-4711"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 38.0), 3: "W", 4: (0.0, 0.0, 5.0)})
    return exif.tobytes()


def gif_of(frames: int, side: int = 2) -> bytes:
    """A GIF of many equal frames, by hand."""
    picture = saved(Image.new("P", (side, side)), "GIF")
    start = picture.index(b"\x2c" + struct.pack("<HHHH", 0, 0, side, side))
    return picture[:start] + picture[start:-1] * frames + b"\x3b"
