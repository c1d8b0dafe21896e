from blog.markup import render
from blog.markup.ledger import Ledger


def test_it_finds_places_in_prose_and_not_in_examples():
    ledger = Ledger("```text\n![](figure:a)\n```\n`![](figure:a)`\n![](figure:a)")
    assert ledger.line_of("![](figure:a)") == 5
    assert ledger.line_of("never") is None


def test_it_names_the_line_of_each_occurrence():
    problems = render("![](figure:a)\n\n![](figure:a)\n\ntext\n\n![](figure:a)").problems
    assert [(problem.code, problem.line) for problem in problems] == [
        ("repeated-figure", 3),
        ("repeated-figure", 7),
    ]


def test_it_keeps_a_bounded_number_of_problems():
    assert len(render("\n\n".join(f"[x](ftp://{n})" for n in range(1_000))).problems) == 200
