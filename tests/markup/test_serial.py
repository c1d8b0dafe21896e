from xml.etree.ElementTree import Element, SubElement

import pytest

from blog.markup import RenderRefused, render
from blog.markup.serial import MAX_DEPTH, write


def nested(depth):
    root = inner = Element("div")
    for _ in range(depth):
        inner = SubElement(inner, "em")
    return root


def test_it_escapes_text_and_attributes():
    root = Element("div")
    child = SubElement(root, "a", {"title": '"<&>\u202e'})
    child.text, child.tail = "<&amp;>", '"&'
    assert write(root) == '<a title="&quot;&lt;&amp;&gt;">&lt;&amp;amp;&gt;</a>"&amp;\n'


def test_it_refuses_what_is_nested_too_deeply():
    assert write(nested(MAX_DEPTH))
    with pytest.raises(RenderRefused, match="nested more than 64 deep"):
        write(nested(MAX_DEPTH + 1))


def test_the_depth_is_refused_in_the_same_words_wherever_it_is_found():
    messages = set()
    for source in ("> " * 500 + "x", "".join("  " * n + "- x\n" for n in range(90)), ">" * 9_000):
        with pytest.raises(RenderRefused) as refused:
            render(source)
        messages.add(str(refused.value))
    assert len(messages) == 1
