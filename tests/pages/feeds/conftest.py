import pytest

from blog.models import LearningPath, PathStep, Series
from blog.publishing import figures
from tests import make

BODY = """Opening words with [a link](/tag/s3/).

![](figure:read-path)

As [](figure:read-path) shows, and as [](post:older#fig-event-bus) did.

$$a^2$$

```python
print("<a href='/x'>")
```
"""


@pytest.fixture
def edition(now):
    """A post with all that a feed can show, an older one that it refers to, in a series and on a path."""
    lead = make.figure("lead")
    figures.make_renditions(lead, at=now)
    make.figure("event-bus")
    figure = make.figure("read-path", caption="How <reads> & writes go", credit="Ada", licence="CC BY 4.0")
    figures.make_renditions(figure, at=now)
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
