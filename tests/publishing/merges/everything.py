"""All that a merge may change, for comparing."""

from blog.models import Address, Author, Category, Listing, Post, Series, SeriesPart, Tag
from blog.publishing import contents


def everything():
    posts = [contents.read(post) for post in Post.objects.order_by("pk")]
    for content in posts:
        content.pop("figures")
    things = [
        list(model.objects.order_by("pk").values()) for model in (Tag, Author, Category, Series, SeriesPart)
    ]
    for row in things[-1]:
        row.pop("id")
    things[-1].sort(key=str)
    moved = list(Address.objects.order_by("path").values("path", "tag", "author", "category", "series"))
    listed = set(Listing.objects.values_list("post", "category", "tag", "author"))
    return posts, things, moved, listed
