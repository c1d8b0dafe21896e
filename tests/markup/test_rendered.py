import json

import pytest

from blog.markup import Rendered, render


def test_it_crosses_a_process_border_unchanged():
    rendered = render("## A\n\n![](figure:a)\n\n[](figure:b) [x](ftp://y) `c` 🙂\n\n```\nd\n```")
    assert Rendered.from_json(json.loads(json.dumps(rendered.to_json()))) == rendered


def test_it_does_not_take_anything_else_for_a_rendering():
    with pytest.raises(KeyError):
        Rendered.from_json({})
