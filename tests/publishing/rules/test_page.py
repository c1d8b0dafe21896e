from blog.publishing.rules.page import read


def test_it_reads_the_names_of_links_as_they_are_read_out():
    page = read(
        '<p><a href="/a">One <em>two</em></a> <a href="/b" aria-label="Three">x</a> <a href="/c" title="Four"></a>'
        ' <a href="/d"><img src="x.png" alt="Five"></a> <a href="/e"> </a></p>'
    )
    assert [link.name for link in page.links] == ["One two", "Three", "Four", "Five", ""]


def test_it_leaves_the_sign_behind_a_heading_out_of_its_words():
    page = read('<h2 id="s-why">Why <a class="anchor" href="#s-why" aria-label="Link">#</a></h2><h3></h3>')
    assert [(part.tag, part.name) for part in page.headings] == [("h2", "Why"), ("h3", "")]
    assert page.ids == ["s-why"]


def test_it_reads_tables_with_their_heading_cells():
    page = read("<table><tr><th>Name</th><th></th></tr><tr><td>a</td><td>b</td></tr></table><table></table>")
    assert page.tables == [(["Name", ""], 4), ([], 0)]


def test_it_keeps_code_out_of_the_prose():
    assert read("<p>Words <code>x = 1</code> more</p><pre>y</pre>").prose == "Words more"


def test_it_reads_broken_html_as_far_as_it_goes():
    page = read("</a><h2>One<a href='/x'>two<table><th>three")
    assert [part.name for part in page.headings] == ["Onetwothree"]
    assert [part.name for part in page.links] == ["twothree"]
