"""What the pages beside the forms ask of the database: fifteen queries at most, for whoever opens them."""

import pytest
from django.contrib import admin
from django.urls import reverse

from blog.models import Figure, Post
from tests import make

from .test_form_cost import MOST, reviewed, rich_post

OF_A_POST = ["links", "review", "compare", "merge_choices", "history", "delete", "inbound", "copy"]


def addresses(post: Post, figure: Figure) -> list[str]:
    """Of every page that an editor may open without anything special: found among the names of all addresses."""
    found = []
    for name in _names():
        for arguments in ([], [post.pk], [figure.pk]):
            about_figure = name.startswith("blog_figure")
            if arguments and (arguments == [figure.pk]) != about_figure:
                continue
            try:
                found.append(reverse(f"admin:{name}", args=arguments))
            except Exception:  # noqa: BLE001, S110  another number of arguments
                continue
    return sorted(set(found))


def _names() -> list[str]:
    from django.urls import get_resolver

    names = []

    def walk(patterns) -> None:
        for one in patterns:
            if hasattr(one, "url_patterns"):
                walk(one.url_patterns)
            elif getattr(one, "name", None):
                names.append(one.name)

    walk(get_resolver().url_patterns[0:])
    known = {model._meta.model_name for model in admin.site._registry}
    return [
        name
        for name in dict.fromkeys(names)
        if name == "index" or (name.startswith("blog_") and name.split("_")[1] in known)
    ]


@pytest.mark.django_db
def test_no_page_of_the_admin_asks_more_than_fifteen_queries(cast, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    post, client = rich_post(), cast("publisher")
    reviewed(post, cast("editor").user)
    figure = Figure.objects.first()
    for n in range(5):
        make.post(title=f"More {n}", slug=f"more-{n}", status="draft", published_at=None)
    spent = {}
    for address in addresses(post, figure):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        spent[address] = (len(queries), answer.status_code)
    assert sum(code == 200 for _, code in spent.values()) > 40
    assert {address: n for address, (n, _) in spent.items() if n > MOST} == {}
