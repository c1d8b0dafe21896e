"""Is a picture drawn or seen? Decides between lossless and lossy coding. Runs in the child only."""

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
