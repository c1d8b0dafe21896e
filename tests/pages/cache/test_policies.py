import pytest
from django.urls import get_resolver

from blog.pages.alternates.registry import WRITERS
from blog.pages.cache.policies import NEVER, POLICIES, policy_of


def names():
    return {pattern.name for pattern in get_resolver("blog.urls").url_patterns}


def test_every_address_for_readers_has_a_policy_or_is_named_as_never_kept():
    assert names() == set(POLICIES) | NEVER
    assert not set(POLICIES) & NEVER


def test_pages_with_alternates_are_those_that_have_a_writer():
    assert {name for name, policy in POLICIES.items() if policy.alternates} == set(WRITERS)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "home"),
        ("/posts/x/", "post"),
        ("/posts/x.md", "post"),
        ("/index.md", "home"),
        ("/category/storage/feed/atom/", "category-feed"),
        ("/sitemap-posts-1.xml", "sitemap-part"),
        ("/tag/café/", "tag"),
    ],
)
def test_it_finds_the_policy_of_a_path(path, name):
    assert policy_of(path) == (name, POLICIES[name])


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/login/",
        "/preview/abc/",
        "/media/figures/a.png",
        "/healthz",
        "/nowhere",
        "/posts/x",
        "/robots.txt.md",
    ],
)
def test_it_keeps_nothing_else(path):
    assert policy_of(path) is None
