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
