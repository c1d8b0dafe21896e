from blog import markup


def test_it_cuts_a_rendering_into_its_outermost_blocks():
    source = (
        "## Why\n\nWords of *one*\nparagraph & more.\n\n- a\n- b\n\n    - c\n\n![](figure:event-bus)\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx < 1\n```\n\n---\n\n> said\n"
    )
    html = markup.render(source).html
    found = markup.passages(html)
    texts = [one.text for one in found]
    assert texts[:3] == ["Why", "Words of one paragraph & more.", "a b c"]
    assert [one.figure for one in found if one.figure] == ["event-bus"]
    assert "a b 1 2" in texts
    assert any("x < 1" in text for text in texts)
    assert texts[-1] == "said"


def test_nothing_between_the_blocks_is_lost():
    html = markup.render("One.\n\nTwo.[^1]\n\n[^1]: Note.\n").html
    rest = html
    for one in markup.passages(html):
        before, _, rest = rest.partition(one.html)
        assert not before.strip()
    assert not rest.strip()


def test_an_empty_text_has_none():
    assert markup.passages("") == []
