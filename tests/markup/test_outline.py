from blog.markup import Heading, render
from blog.markup.outline import slug


def test_ids_are_unique_even_against_clever_titles():
    ids = [heading.id for heading in render("## A\n\n## A\n\n## A 2\n\n## A\n\n## A-2").outline]
    assert len(set(ids)) == 5
    assert ids[:2] == ["s-a", "s-a-2"]


def test_the_outline_leaves_out_headings_in_quotes_and_callouts():
    rendered = render("## A\n\n> ## B\n\n!!! note\n    ## C\n\n### D")
    assert rendered.outline == (Heading(2, "s-a", "A"), Heading(3, "s-d", "D"))


def test_a_title_is_plain_text():
    heading = render("## The `read` *path* of $x^2$ [here](/x) in [](figure:a)\n\n![](figure:a)").outline[0]
    assert heading.title == "The read path of x^2 here in Figure 1"


def test_slugs_keep_letters_of_any_script_and_end():
    assert slug("Über die Größe: 日本語_x") == "über-die-größe-日本語-x"
    assert len(slug("a" * 500)) <= 80
    assert slug("!?") == ""


def test_each_heading_links_to_itself_with_a_name():
    assert (
        'href="#s-a-b" aria-label="Link to this section: A &amp; &quot;B&quot;">#</a>'
        in render('## A & "B"').html
    )
