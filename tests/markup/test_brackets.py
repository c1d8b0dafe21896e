import time

import pytest
from markdown import Markdown

from blog.markup import brackets
from blog.markup.brackets import closings


@pytest.mark.parametrize(
    "text",
    [
        "[a](/b)", "[a [b] c](/d)", "[a](</b c> 'd')", '[a](/b "c (d)")', "[a](/b_(c))", "[a][b] [b] [c]", "![a](/b) ![b]",
        "[a](/b", "[a]", "[[a](/b)", "[a]](/b)", "[![a](/b)](/c)", "[a](/b) " * 40, "[" * 100 + "[a](/b)" + "]" * 100,
    ],
)  # fmt: skip
def test_it_reads_links_as_the_parser_it_replaces(text):
    source = f"{text}\n\n[b]: /e 'f'"
    ours = Markdown()
    brackets.register(ours)
    assert ours.convert(source) == Markdown().convert(source)


def test_it_pairs_brackets():
    assert closings("[a[b]c][") == {1: 6, 3: 4}


def test_it_takes_time_in_proportion():
    parser = Markdown()
    brackets.register(parser)
    began = time.process_time()
    parser.convert("[" * 20_000)
    assert time.process_time() - began < 2  # the parser's own processors take minutes
