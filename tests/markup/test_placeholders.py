import pytest

from blog.markup import fill, render


def test_it_draws_every_place_once_in_order():
    html = render("![](figure:b)\n\n![](figure:a)").html
    assert fill(html, lambda key, number: f"[{number}:{key}]") == "[1:b]\n[2:a]"


def test_it_does_not_read_what_is_drawn_again():
    html = render("![](figure:a)").html
    assert fill(html, lambda key, number: html + r"\1") == html + r"\1"


def test_it_leaves_other_figures_alone():
    for html in (
        '<figure id="fig-a" data-figure="b" data-number="1"></figure>',
        '<figure id="fig-a" data-figure="a" data-number="0"></figure>',
        '<figure id="fig-a-" data-figure="a-" data-number="1"></figure>',
        '<figure class="x" id="fig-a" data-figure="a" data-number="1"></figure>',
    ):
        assert fill(html, lambda key, number: "drawn") == html


def refer(slug, key):
    return {"a": ("/posts/a/?x&y", "Figure 1 of <em>A</em>"), "gone": ("", "no post")}.get(slug)


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ("[](post:a)", '<a class="post-ref" href="/posts/a/?x&amp;y">Figure 1 of <em>A</em></a>'),
        (
            "[*own* words](post:a#fig-b)",
            '<a class="post-ref" href="/posts/a/?x&amp;y"><em>own</em> words</a>',
        ),
        (
            '[own](post:a "A <title>")',
            '<a class="post-ref" href="/posts/a/?x&amp;y" title="A &lt;title&gt;">own</a>',
        ),
        ("[](post:gone)", '<span class="post-ref">no post</span>'),
        ("[*own*](post:gone)", '<span class="post-ref"><em>own</em></span>'),
        ("x[](post:unknown)", "x"),
    ],
)
def test_it_puts_in_what_a_reference_leads_to(source, filled):
    assert fill(render(source).html, lambda key, number: "", refer) == f"<p>{filled}</p>"


def test_it_keeps_the_words_where_nobody_answers_for_references():
    assert fill(render("[own](post:a) [](post:a)").html, lambda key, number: "") == (
        '<p><span class="post-ref">own</span> </p>'
    )


def test_a_reference_ends_where_its_own_end_tag_is():
    source = "[HTML and $</a>$](post:a) after\n\n*[HTML]: say </a>"
    html = fill(render(source).html, lambda key, number: "", refer)
    assert html.startswith('<p><a class="post-ref" href="/posts/a/?x&amp;y"><abbr title="')
    assert html.endswith("</math></a> after</p>")


def test_a_title_that_looks_like_a_placeholder_is_none():
    html = render("""[x](https://a.example '<a class="post-ref" data-post="a"></a>')""").html
    assert fill(html, lambda key, number: "", refer) == html
