"""From bytes to pixels as browsers show them: upright, sRGB, 8 bits a channel. Runs in the child only."""

import io
import warnings

from PIL import AvifImagePlugin, Image, ImageCms, ImageFile, ImageSequence

from .probe import Probe, check_size, truncated
from .specs import LABELS, MAX_PIXELS, ImageRefused

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
# Each worker thread reserves a stack and an arena of the child's address space; the work is bounded to one
# core.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation (Exif 3.0, tag 0x0112)."""

Damage = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)
"""What the decoders raise on bytes that make no picture."""


def open_(found: Probe) -> Image.Image:
    """Open the probed bytes with the one decoder of their format; no pixel is decoded yet.

    Raises:
        ImageRefused: the decoder does not recognise them, or finds more pixels than the skeleton claimed.
    """
    try:
        image = Image.open(io.BytesIO(found.data), formats=[found.format.upper()])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused("bomb") from None
    except Damage as error:
        raise truncated(found.format) from error
    frames = frame_count(image) if found.format == "avif" else found.frames
    check_size(*image.size, frames)
    return image


def frame_count(image: Image.Image) -> int:
    """How many frames the decoder announces."""
    return int(getattr(image, "n_frames", 1))


def load(image: Image.Image, format_: str) -> None:
    """Decode the pixels.

    Raises:
        ImageRefused: the data ends too early or is damaged.
    """
    try:
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageRefused("bomb") from None
    except Damage as error:
        raise truncated(format_) from error


def upright(image: Image.Image, plain: Image.Image) -> Image.Image:
    """`plain`, turned as the EXIF data of `image` asks. Unreadable EXIF data turns nothing."""
    turn = TURNS.get(orientation(image))
    return plain if turn is None else plain.transpose(turn)


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none. XMP is not asked, as browsers do not either."""
    image.info.pop("xmp", None)
    image.info.pop("XML:com.adobe.xmp", None)
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except Exception:  # hostile EXIF fails in every way there is, and decides nothing but the orientation
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def plain(image: Image.Image) -> Image.Image:
    """The loaded frame as "L", "RGB" or "RGBA", in sRGB, with an alpha channel only where something is
    transparent.

    Nothing is left in `info`, so that no encoder can write it out again.
    """
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        image = eight_bits(image)
    elif image.mode == "CMYK":
        image = through_profile(image, profile) if profile else image.convert("RGB")
        profile = None
    elif image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in {"L", "RGB"}:
        image = image.convert("L" if image.mode == "1" else "RGB")
    if profile:
        image = through_profile(image, profile)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    if not isinstance(image, ImageFile.ImageFile):
        image.info = {}
        return image
    # What is still the file's own object would be read from the file again.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey as "L": `convert` would clip everything above 255 to white."""
    return image.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")


def through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """`image` from the colours of its embedded `profile` to sRGB; an unusable profile is as good as none.

    A profile that is sRGB itself is left alone: the round trip would shift flat colours by one step.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    flat = image.convert("RGB") if alpha else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if flat.mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        turned = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *Damage):
        turned = None
    if turned is None:
        return image.convert("RGB") if image.mode == "CMYK" else image
    if alpha:
        turned.putalpha(alpha)
    return turned


def frames_of(image: Image.Image, format_: str) -> tuple[list[Image.Image], list[int], int]:
    """Every frame of an animation, its duration in milliseconds, and how often it plays (0: for ever).

    A frame shorter than 20 ms lasts 100 ms, as browsers have it.

    Raises:
        ImageRefused: a frame is damaged.
    """
    turn = TURNS.get(orientation(image))
    times = int(image.info.get("loop", 0))
    if format_ == "gif":
        # The extension counts repetitions, and its absence means none; the other formats count times played.
        times = 1 if "loop" not in image.info else times and times + 1
    frames, durations = [], []
    try:
        for frame in ImageSequence.Iterator(image):
            load(frame, format_)
            drawn = plain(frame)
            frames.append(drawn if turn is None else drawn.transpose(turn))
            lasts = int(frame.info.get("duration") or 0)
            durations.append(lasts if lasts >= 20 else 100)
    except Damage as error:
        raise truncated(format_) from error
    if not frames:
        raise ImageRefused("no-frame", kind=LABELS[format_])
    return frames, durations, min(times, 65_535)
