"""What the form of a post asks of the database."""

import pytest

from tests import make

from .conftest import address


@pytest.mark.django_db
def test_it_opens_in_as_many_queries_however_much_the_post_has(editor, django_assert_max_num_queries):
    make.figure()
    authors = [make.author(f"Author {n}") for n in range(6)]
    categories = [make.category(path) for path in ("storage", "storage/objects", "delivery", "data")]
    post = make.post(
        tags=["a", "b", "c"], authors=authors, categories=categories, body="![](figure:event-bus)"
    )
    editor.get(address(post))
    with django_assert_max_num_queries(19):
        page = editor.get(address(post)).content.decode()
    assert all(f">{one.name}</option>" in page for one in authors)
    assert all(f">{one}</option>" in page for one in categories)
