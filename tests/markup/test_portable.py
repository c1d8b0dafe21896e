from urllib.parse import urljoin

import pytest

from blog.markup import fill, render
from blog.markup.portable import portable

PAGE = "https://stratum.example/posts/read-path/"


def carried(html):
    return portable(html, lambda address: urljoin(PAGE, address))


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/tag/s3/", "https://stratum.example/tag/s3/"),
        ("#s-setup", f"{PAGE}#s-setup"),
        ("https://elsewhere.example/?a=1&amp;b=2", "https://elsewhere.example/?a=1&amp;b=2"),
        ("mailto:a@b.example", "mailto:a@b.example"),
    ],
)
def test_it_makes_addresses_absolute(here, there):
    assert carried(f'<p><a href="{here}">x</a></p>') == f'<p><a href="{there}">x</a></p>'


def test_it_makes_every_candidate_of_a_picture_absolute():
    html = '<img src="/m/a.png" srcset="/m/a.png 320w, /m/b.png 640w" width="640" height="400" alt="A &quot;box&quot;">'
    assert carried(html) == (
        '<img src="https://stratum.example/m/a.png" srcset="https://stratum.example/m/a.png 320w, '
        'https://stratum.example/m/b.png 640w" width="640" height="400" alt="A &quot;box&quot;">'
    )


def test_it_takes_off_what_only_our_pages_understand():
    html = '<div class="table-scroll" tabindex="0" role="region" aria-label="Table 1"><p id="x" data-language="Python">y</p></div>'
    assert carried(html) == "<div><p>y</p></div>"


def test_it_takes_the_marks_off_headings():
    html = '<h2 id="s-a">A <em>b</em> <a class="anchor" href="#s-a" aria-label="Link to this section: A b">#</a></h2>'
    assert carried(html) == "<h2>A <em>b</em> </h2>"


def test_it_keeps_code_and_leaves_its_text_alone():
    html = render('```html\n<a href="/x" class="k">y</a>\n```\n').html
    assert '&lt;a href="/x" class="k"&gt;y&lt;/a&gt;' in carried(html)
    assert "<span" not in carried(html)


def test_it_keeps_formulas():
    html = render("$$a^2$$\n").html
    assert '<math display="block"' in carried(html)
    assert "<msup>" in carried(html)


def test_a_bracket_in_an_attribute_ends_no_tag():
    assert carried('<abbr title="a > b" class="x">y</abbr>') == '<abbr title="a > b">y</abbr>'


def test_it_carries_a_whole_text():
    source = '## One\n\n![](figure:a)\n\nSee [](figure:a), [this](/tag/s3/)[^1] and `<a href="#">`.\n\n[^1]: Note.\n\n- [x] done\n'
    html = carried(
        fill(render(source).html, lambda key, number: f'<figure><img src="/{key}.png" alt=""></figure>')
    )
    assert "class=" not in html and "id=" not in html and ' href="/' not in html
    assert '<code>&lt;a href="#"&gt;</code>' in html
    assert f'<a href="{PAGE}#fig-a">Figure 1</a>' in html
    assert '<img src="https://stratum.example/a.png" alt="">' in html
