import pytest

from blog.imaging import diagrams as drawing
from blog.models import Figure, Placement, Post
from blog.publishing import diagrams, figures, rules, upkeep, workflow
from tests import make

pytestmark = pytest.mark.django_db
INSTALLED = drawing.available()
needs_renderer = pytest.mark.skipif(not INSTALLED, reason="the renderer of diagrams is not installed")

BODY = """
See [](figure:read-path).

```mermaid key="read-path" title="The way of a read" alt="A reader asks a cache."
flowchart LR
  A[Reader] --> B[Cache <1>]
```
"""
BROKEN = BODY.replace("[Reader]", "[Reader")


@pytest.fixture
def absent(monkeypatch):
    """A machine without the renderer."""
    monkeypatch.setattr(drawing, "RENDERER", ("no_such_package",))
    diagrams.kept.cache_clear()
    yield
    diagrams.kept.cache_clear()


@pytest.fixture
def counted(monkeypatch):
    """How often something is drawn."""
    diagrams.kept.cache_clear()
    drawn, draw = [], drawing.draw
    monkeypatch.setattr(drawing, "draw", lambda *asked: drawn.append(asked) or draw(*asked))
    return drawn


def codes(post, **over):
    found = rules.check(rules.Candidate.of(post))
    return {finding.code: finding for finding in found}


@needs_renderer
def test_it_makes_a_figure_of_a_diagram(client):
    post = make.post(slug="drawn", body=BODY)
    figure = Figure.objects.get(slug="read-path")
    assert (figure.caption, figure.alt) == ("The way of a read", "A reader asks a cache.")
    assert figure.drawn_for == post and figure.notation == "mermaid"
    assert figure.image.read(8) == figure.dark_image.read(8) == b"\x89PNG\r\n\x1a\n"
    assert list(Placement.objects.values_list("post", "figure", "number")) == [(post.pk, figure.pk, 1)]
    post.refresh_from_db()
    assert "A reader asks a cache." in post.figures_text
    html = client.get("/posts/drawn/").content.decode()
    assert '<a class="figure-ref" href="#fig-read-path">Figure 1</a>' in html
    assert f'srcset="{figure.dark_image.url}"' in html
    assert f'width="{figure.width // 2}"' in html
    assert "B[Cache &lt;1&gt;]" in html


@needs_renderer
def test_it_draws_the_same_text_once(counted, now):
    post = make.post(body=BODY)
    workflow.save(post, at=now)
    workflow.settle(post)
    assert len(counted) == 1
    before = Figure.objects.get().image.name
    post.body = BODY.replace("The way", "The long way").replace("a cache.", "two caches.")
    workflow.save(post, at=now)
    workflow.settle(post)
    assert len(counted) == 1
    figure = Figure.objects.get()
    assert (figure.caption, figure.alt) == ("The long way of a read", "A reader asks two caches.")
    assert figure.image.name == before
    post.body = BODY.replace("Cache <1>", "Cache <2>")
    workflow.save(post, at=now)
    workflow.settle(post)
    assert len(counted) == 2
    assert Figure.objects.get().image.name != before


@needs_renderer
def test_a_diagram_that_is_taken_out_is_not_placed_any_more(now):
    post = make.post(body=BODY)
    post.body = "Nothing here.\n"
    workflow.save(post, at=now)
    workflow.settle(post)
    assert not Placement.objects.exists()
    assert not Figure.objects.public(now).exists()


@needs_renderer
def test_it_makes_renditions_for_both_schemes(now):
    make.post(body=BODY)
    figure = Figure.objects.get()
    figures.make_renditions(figure, at=now)
    made = list(figure.renditions.values_list("dark", flat=True))
    assert made.count(True) == made.count(False) > 0
    names = {one.file.name for one in figure.renditions.all()}
    assert len(names) == len(made)


@needs_renderer
def test_it_names_the_line_of_a_mistake_and_blocks_publishing():
    post = make.post(status="draft", body=BROKEN)
    finding = codes(post)["diagram-refused"]
    assert finding.blocking
    assert finding.line == 6
    assert "read-path" in finding.message
    assert not Figure.objects.exists()
    with pytest.raises(workflow.NotReady):
        make.post(body=BROKEN)


@needs_renderer
def test_a_draft_with_a_mistake_shows_its_text_until_it_is_mended(now):
    post = make.post(status="draft", body=BODY)
    post.body = BROKEN
    workflow.save(post, at=now)
    workflow.settle(post)
    assert "[Reader]" in Figure.objects.get().source
    assert not diagrams.is_drawn(Figure.objects.get(), post.facts["diagrams"][0])


def test_it_never_takes_the_key_of_an_uploaded_picture(now):
    uploaded = make.figure("read-path")
    post = make.post(status="draft", body=BODY)
    assert codes(post)["diagram-key-taken"].blocking
    uploaded.refresh_from_db()
    assert uploaded.caption == "How read-path works"


@needs_renderer
def test_it_never_takes_the_key_of_another_posts_diagram():
    first = make.post(title="The first", body=BODY)
    finding = codes(make.post(status="draft", body=BODY))["diagram-key-taken"]
    assert finding.blocking and "The first" in finding.message
    assert Figure.objects.get().drawn_for == first
    assert codes(first) == {}


@needs_renderer
def test_another_post_may_show_it_and_keeps_it_when_its_own_is_deleted(now):
    first = make.post(body=BODY)
    other = make.post(body="![](figure:read-path)\n")
    first.delete()
    figure = Figure.objects.get()
    assert figure.drawn_for is None
    assert list(Figure.objects.public(now)) == [figure]
    assert other.placements.get().figure == figure


def test_without_the_renderer_readers_get_the_text(absent, client):
    post = make.post(slug="plain", body=BODY)
    finding = codes(post)["diagram-not-drawn"]
    assert not finding.blocking
    assert not Figure.objects.exists()
    html = client.get("/posts/plain/").content.decode()
    assert '<figure class="figure figure-source" id="fig-read-path">' in html
    assert "B[Cache &lt;1&gt;]" in html
    assert "The way of a read" in html and "A reader asks a cache." in html
    assert '<a class="figure-ref" href="#fig-read-path">Figure 1</a>' in html


@needs_renderer
def test_it_draws_what_waits_when_the_renderer_has_come(monkeypatch, absent):
    post = make.post(body=BODY)
    assert [trouble != "" for _, trouble in diagrams.draw_waiting()] == [True]
    monkeypatch.undo()
    diagrams.kept.cache_clear()
    assert list(diagrams.draw_waiting()) == [(post, "")]
    assert Placement.objects.get().figure.slug == "read-path"


@needs_renderer
def test_it_draws_everything_anew_when_asked(counted):
    make.post(body=BODY)
    diagrams.kept.cache_clear()
    assert [trouble for _, trouble in diagrams.draw_waiting(anew=True)] == [""]
    assert len(counted) == 2
    assert Figure.objects.get().source.startswith("flowchart LR")


def test_an_older_rendering_without_diagrams_is_no_trouble():
    post = make.post()
    Post.objects.filter(pk=post.pk).update(facts={}, markup_version=1)
    assert list(upkeep.rerender()) == [(post, "")]
    assert Post.objects.get().facts["diagrams"] == []


def test_a_busy_machine_keeps_nothing_from_being_published(monkeypatch):
    def late(*asked):
        raise drawing.DiagramRefused("diagram-slow", late=True)

    diagrams.kept.cache_clear()
    monkeypatch.setattr(drawing, "RENDERER", ())
    monkeypatch.setattr(drawing, "draw", late)
    post = make.post(body=BODY)
    assert not codes(post)["diagram-late"].blocking
    assert not Figure.objects.exists()
