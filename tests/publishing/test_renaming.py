import pytest
from django.conf import settings
from django.db import transaction

from blog import markup
from blog.models import Figure, Post
from blog.publishing import renaming, workflow
from tests import make

pytestmark = pytest.mark.django_db

BODY = """## Bus

As [](figure:bus) and [the bus](figure:bus "title") show, `![](figure:bus)` and `figure:bus` are code; [](figure:bus-two)
is another, [this][b] a label, [here](#fig-bus) an anchor, figure:bus only words.

![](figure:bus)

![](figure:bus-two)

- a step

    ![](figure:bus)

```markdown
![](figure:bus) and [](figure:bus)
```

> `` [](figure:bus) ` `` and \\[](figure:bus\\) but [](figure:bus)

[b]: figure:bus
"""


@pytest.fixture
def bus():
    make.figure("bus-two")
    return make.figure("bus")


def test_it_rewrites_figures_and_leaves_code_alone(bus, now):
    post = make.post(body=BODY, status="draft")
    renaming.rename(bus, key="event-bus", at=now)
    post.refresh_from_db()
    assert (
        post.body
        == """## Bus

As [](figure:event-bus) and [the bus](figure:event-bus "title") show, `![](figure:bus)` and `figure:bus` are code; [](figure:bus-two)
is another, [this][b] a label, [here](#fig-event-bus) an anchor, figure:bus only words.

![](figure:event-bus)

![](figure:bus-two)

- a step

    ![](figure:event-bus)

```markdown
![](figure:bus) and [](figure:bus)
```

> `` [](figure:bus) ` `` and \\[](figure:bus\\) but [](figure:event-bus)

[b]: figure:event-bus
"""
    )
    assert post.facts["figures"] == ["event-bus", "bus-two"]
    assert 'id="fig-event-bus"' in post.body_html and "dangling" not in post.body_html
    assert list(post.placements.values_list("figure__slug", flat=True)) == ["event-bus", "bus-two"]


def test_it_rewrites_references_from_other_posts(bus, now):
    make.post(slug="host", body="![](figure:bus)\n")
    make.post(slug="stranger", body="Text.\n")
    other = make.post(
        body=f"[](post:host#fig-bus), [x](/posts/host/#fig-bus), [y]({settings.SITE_URL}/posts/host/#fig-bus), "
        "[z](https://example.org/posts/host/#fig-bus), [](post:stranger#fig-bus), `[](post:host#fig-bus)`\n",
        status="draft",
    )
    renaming.rename(bus, key="event-bus", at=now)
    other.refresh_from_db()
    assert other.body == (
        f"[](post:host#fig-event-bus), [x](/posts/host/#fig-event-bus), [y]({settings.SITE_URL}/posts/host/#fig-event-bus), "
        "[z](https://example.org/posts/host/#fig-bus), [](post:stranger#fig-bus), `[](post:host#fig-bus)`\n"
    )


def test_it_leads_readers_on_and_says_no_word_of_an_update(bus, now, client):
    post = make.post(body="![](figure:bus)\n")
    before = Post.objects.get(pk=post.pk)
    renaming.rename(bus, key="event-bus", at=now)
    after = Post.objects.get(pk=post.pk)
    assert (after.changed_at, after.updated_at) == (before.changed_at, before.updated_at)
    assert after.version == before.version + 1
    moved = client.get("/figures/bus/")
    assert (moved.status_code, moved["Location"]) == (301, "/figures/event-bus/")
    assert client.get("/figures/event-bus/").status_code == 200


def test_it_leaves_no_address_of_what_was_never_public(bus, now, client):
    make.post(body="![](figure:bus)\n", status="draft", published_at=None)
    renaming.rename(bus, key="event-bus", at=now)
    assert client.get("/figures/bus/").status_code == 404
    assert not Figure.objects.get(pk=bus.pk).addresses.exists()


def test_it_renames_nothing_when_a_post_can_not_be_rendered(bus, now, monkeypatch):
    first = make.post(body="![](figure:bus)\n")
    make.post("The hard one", body="Hard.\n\n![](figure:bus)\n")
    render = markup.render_isolated

    def refuse(source, **told):
        if source.startswith("Hard"):
            raise markup.RenderRefused("busy")
        return render(source, **told)

    monkeypatch.setattr(markup, "render_isolated", refuse)
    with (
        pytest.raises(renaming.CannotRename, match=r"The hard one.*Other texts are being rendered"),
        transaction.atomic(),
    ):
        renaming.rename(bus, key="event-bus", at=now)
    bus.refresh_from_db()
    first.refresh_from_db()
    assert (bus.slug, first.body) == ("bus", "![](figure:bus)\n")


def test_it_refuses_more_posts_than_it_can_rewrite(bus, now, monkeypatch):
    monkeypatch.setattr(renaming, "MOST", 1)
    for _ in range(2):
        make.post(body="![](figure:bus)\n")
    with pytest.raises(renaming.CannotRename, match="More than 1 posts"):
        renaming.rename(bus, key="event-bus", at=now)


def test_it_keeps_the_post_as_the_figures_host(bus, now):
    post = make.post(body="![](figure:bus)\n")
    renaming.rename(bus, key="event-bus", at=now)
    post.refresh_from_db()
    workflow.settle(post)
    assert post.showings.get().figure == bus
