"""Rows, constraints, querysets, and what one row knows of itself.

This room never causes effects in other rows, writes files or assembles pages.
"""

from .address import Address
from .author import Author, Byline
from .category import Category
from .change import Change
from .entry import Entry
from .figure import Figure, Placement, Rendition
from .learning_path import LearningPath, PathStep
from .level import LearningLevel
from .listing import BadCursor, Cursor, Listing, Page, Tally, levels_with_counts, read_page
from .post import Post
from .post_page import PostPage, for_page, read_post_page
from .related import RelatedPost
from .series import Series, SeriesPart
from .shelves import Shelf, read_shelves
from .tag import PostTag, Tag

__all__ = [
    "Address",
    "Author",
    "BadCursor",
    "Byline",
    "Category",
    "Change",
    "Cursor",
    "Entry",
    "Figure",
    "LearningLevel",
    "LearningPath",
    "Listing",
    "Page",
    "PathStep",
    "Placement",
    "Post",
    "PostPage",
    "PostTag",
    "RelatedPost",
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
