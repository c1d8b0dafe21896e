import pytest

from blog.markup.formulas import Unreadable, convert


def test_it_keeps_the_source_as_alternative_text():
    assert convert(" a^2 ", block=True).attrib == {"display": "block", "alttext": "a^2"}


@pytest.mark.parametrize(
    ("latex", "letter"),
    [
        (r"\mathbf{R}", "𝐑"),
        (r"\mathbb{R}", "ℝ"),
        (r"\mathfrak{C}", "ℭ"),
        (r"\mathcal{B}", "ℬ"),
        (r"\mathtt{x}", "𝚡"),
    ],
)
def test_it_writes_letter_styles_as_characters_because_browsers_ignore_mathvariant(latex, letter):
    element = convert(latex, block=False)
    assert "".join(element.itertext()) == letter
    assert all("mathvariant" not in child.attrib for child in element.iter())


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}", r"\begin{matrix}", "{" * 30, "x" * 5_000, r"\href{javascript:x}{y}", r"\class{a}{b}", r"\style{a}{b}",
        r"\unicode{x41}", "a^b^c", r"\sqrt" * 500, "}", r"\left(",
    ],
)  # fmt: skip
def test_it_says_why_a_formula_cannot_be_read(latex):
    with pytest.raises(Unreadable, match="[a-z]"):
        convert(latex, block=False)


def test_it_never_decodes_text_into_elements():
    element = convert(r"\text{&#x3c;script&#x3e;}", block=False)
    assert {child.tag for child in element.iter()} <= {"math", "mrow", "mtext"}
