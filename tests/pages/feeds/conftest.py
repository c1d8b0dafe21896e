import pytest

from blog.models import LearningPath, PathStep, Rendition, Series
from tests import make

BODY = """Opening words with [a link](/tag/s3/).

![](figure:read-path)

As [](figure:read-path) shows, and as [](post:older#fig-event-bus) did.

$$a^2$$

```python
print("<a href='/x'>")
```
"""


def draw(figure):
    """Renditions as a worker would have made them; encoding them is another test's business."""
    for kind, width in (("avif", 640), ("png", 320), ("png", 640)):
        name = f"renditions/{figure.slug}-{width}.{kind}"
        Rendition.objects.create(
            figure=figure, format=kind, width=width, height=width * 5 // 8, file=name, size=1_000 + width
        )


@pytest.fixture(scope="module")
def edition(module_rows):
    """A post with all that a feed can show, an older one that it refers to, in a series and on a path."""
    lead = make.figure("lead")
    draw(lead)
    make.figure("event-bus")
    figure = make.figure("read-path", caption="How <reads> & writes go", credit="Ada", licence="CC BY 4.0")
    draw(figure)
    series = Series.objects.create(title="Stores", slug="stores", description="All about stores.")
    path = LearningPath.objects.create(title="From zero", slug="from-zero")
    older = make.post(
        title="Older", slug="older", body="![](figure:event-bus)\n", at=make.LONG_AGO.replace(year=2025)
    )
    post = make.post(
        title="Reads & <writes>",
        slug="reads",
        summary="What a read costs, & why it is < a write.",
        body=BODY,
        categories=[make.category("storage/s3")],
        authors=[make.author(), make.author("Zoë Last")],
        tags=["s3", "Latency"],
        learning_level=make.level(300),
        lead_figure=lead,
        series=[(series, 1)],
    )
    PathStep.objects.create(learning_path=path, post=post, number=1)
    PathStep.objects.create(learning_path=path, post=older, number=2)
    return post
