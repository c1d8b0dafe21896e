"""Is a picture drawn or seen, and what does it look like? Runs in the child only."""

from PIL import Image, ImageChops, ImageOps

SAMPLE = 4_000_000

FLAT = 0.5
FEW = 0.55
"""Measured on drawings and photographs, as they are and through JPEG 50 to 95, WebP and AVIF: drawings are
flat to 0.65 or more and hold 0.79 of their pixels in sixteen colours; photographs reach 0.92 (a soft one is flat
too) and 0.41."""


def drawn(image: Image.Image) -> bool:
    """Whether `image` is a diagram or a screenshot rather than a photograph or a smooth gradient."""
    if image.mode != "L" and image.getcolors(256) is not None:
        return True
    sample = sampled(image)
    return concentration(sample) >= FEW and flatness(sample) >= FLAT


def concentration(sample: Image.Image) -> float:
    """The share of the pixels that the sixteen commonest colours hold, 0 to 1, at 6 bits a channel."""
    counts = sorted(
        (count for count, _ in ImageOps.posterize(sample, 6).getcolors(1 << 18) or []), reverse=True
    )
    return sum(counts[:16]) / max(1, sum(counts))


def flatness(sample: Image.Image) -> float:
    """The share of neighbouring pixels that are equal, 0 to 1, the mean of both directions.

    Sensors see noise everywhere; drawn areas are flat, and mostly stay so through lossy coding.
    """
    shares = []
    for across, down in ((1, 0), (0, 1)):
        width, height = sample.width - across, sample.height - down
        if width < 1 or height < 1:
            continue
        difference = ImageChops.difference(
            sample.crop((0, 0, width, height)), sample.crop((across, down, sample.width, sample.height))
        )
        red, green, blue = difference.split()
        largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
        shares.append(largest.histogram()[0] / (width * height))
    return sum(shares) / len(shares) if shares else 1.0


def sampled(image: Image.Image) -> Image.Image:
    """Strips of `image` as "RGB", spread evenly from top to bottom: about `SAMPLE` pixels, none resampled."""
    rows = max(2, SAMPLE // image.width)
    if rows >= image.height:
        return image.convert("RGB")
    bands = min(8, max(1, rows // 64))
    each = rows // bands
    out = Image.new("RGB", (image.width, each * bands))
    for band in range(bands):
        top = band * (image.height - each) // max(1, bands - 1)
        out.paste(image.crop((0, top, image.width, top + each)).convert("RGB"), (0, band * each))
    return out


STEP = 2
"""How much darker a cell must be than its neighbour, of 255, to count: less is the noise of lossy coding."""
TELLING = 5
"""Fewer cells than this that differ from their neighbours say nothing: the picture is blank, or nearly."""


def look(image: Image.Image) -> int | None:
    """What `image` looks like, as 64 bits in a signed number; None where there is too little in it to compare.

    The difference hash: the picture as 9 by 8 cells of grey, and for each row whether a cell is darker than the one to
    its left. Scaling and coding again change few bits, other pictures about half of those that are set. After Neal
    Krawetz, “Kind of Like That”, 2013.
    """
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    cells = image.convert("L").resize((9, 8), Image.Resampling.BOX, reducing_gap=3).tobytes()
    bits = [cells[at] - cells[at + 1] > STEP for row in range(8) for at in range(row * 9, row * 9 + 8)]
    if sum(bits) < TELLING:
        return None
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    return number - (1 << 64) if number >= 1 << 63 else number
