import pytest
from django.core.exceptions import ValidationError

from blog.models import Figure


def figure(**over):
    return Figure(**{"slug": "bus", "alt": "Three boxes on a line.", "original_name": "IMG_2041.png"} | over)


@pytest.mark.parametrize(
    "alt", ["IMG_2041.png", "IMG_2041", "img 2041", "diagram_final", "event-bus-v2.png", "a-b-c"]
)
def test_it_refuses_a_file_name_as_alternative_text(alt):
    with pytest.raises(ValidationError, match="file name"):
        figure(alt=alt).clean()


def test_it_refuses_the_caption_as_alternative_text():
    with pytest.raises(ValidationError, match="repeats the caption"):
        figure(alt="How the bus works", caption="How the bus works.").clean()


def test_it_asks_for_an_alternative_text_or_decorative():
    with pytest.raises(ValidationError, match="mark it as decorative"):
        figure(alt=" ").clean()
    with pytest.raises(ValidationError, match="clear one of both"):
        figure(decorative=True).clean()


@pytest.mark.parametrize("alt", ["Three boxes on a line.", "A well-known queue", "Flowchart"])
def test_it_takes_a_description(alt):
    figure(alt=alt).clean()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Figure 1: How the bus works", "How the bus works"),
        ("  fig. 2.1 – How the bus works", "How the bus works"),
        ("FIGURE 12. How the bus works", "How the bus works"),
        ("Figure 1 shows the bus", "Figure 1 shows the bus"),
        ("Figures: 3-way merge", "Figures: 3-way merge"),
        ("Fig-trees 1: a story", "Fig-trees 1: a story"),
    ],
)
def test_it_leaves_numbering_to_the_posts(typed, kept):
    one = figure(caption=typed)
    one.clean()
    assert one.caption == kept


@pytest.mark.parametrize("key", ["Bus", "a b", "a--b", "-a", "a\n", "é"])
def test_it_refuses_a_key_that_markdown_could_not_name(key):
    with pytest.raises(ValidationError):
        figure(slug=key).clean_fields(exclude=["image", "original", "width", "height", "content_hash"])
