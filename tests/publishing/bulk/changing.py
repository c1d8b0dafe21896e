"""How the tests of this room change many posts."""

from blog.publishing import bulk


def change(kind, posts, value=None, **more):
    return bulk.carry_out(kind, [post.pk for post in posts], value, **more)
