"""Rows, constraints, querysets, and what one row knows of itself.

This room never causes effects in other rows, writes files or assembles pages.
"""

from .address import Address
from .author import Author, Byline
from .category import Category
from .figure import Figure, Placement, Rendition
from .level import LearningLevel
from .listing import BadCursor, Cursor, Listing, Page, Tally, levels_with_counts, read_page
from .post import Post
from .post_page import PostPage, for_page, read_post_page
from .series import Series, SeriesPart
from .shelves import Shelf, read_shelves
from .tag import PostTag, Tag

__all__ = [
    "Address",
    "Author",
    "BadCursor",
    "Byline",
    "Category",
    "Cursor",
    "Figure",
    "LearningLevel",
    "Listing",
    "Page",
    "Placement",
    "Post",
    "PostPage",
    "PostTag",
    "Rendition",
    "Series",
    "SeriesPart",
    "Shelf",
    "Tag",
    "Tally",
    "for_page",
    "levels_with_counts",
    "read_page",
    "read_post_page",
    "read_shelves",
]
