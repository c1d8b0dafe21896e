"""Rows, constraints, querysets, and what one row knows of itself.

This room never causes effects in other rows, writes files or assembles pages.
"""

from django.apps import apps

from . import naming
from .address import Address
from .author import Author, Byline
from .bits import Bits, Common, Seal, Unsealed
from .category import Category
from .change import Change
from .entry import Entry
from .event import Event
from .figure import Figure, Placement, Rendition
from .figure_version import FigureVersion
from .learning_path import LearningPath, PathStep, path_with_steps, paths_with_counts
from .level import LearningLevel
from .level_counts import count_levels
from .lexicon import Word
from .link_check import LinkCheck
from .listing import BadCursor, Cursor, Listing, Page, Tally, levels_with_counts, read_page
from .login_delay import LoginDelay
from .missed_search import MissedSearch
from .move import Move
from .operation import Operation
from .phrasing import Phrasing
from .post import Post
from .post_page import PostPage, find_post_page, for_page, read_post_page
from .preference import Preference
from .presence import Presence
from .preview_link import PreviewLink
from .publication import Publication, read_publication
from .recovery_code import RecoveryCode
from .related import RelatedPost
from .resemblance import Resemblance
from .review import Approval, Comment
from .revision import Revision
from .selection import Selection, read_selection
from .sequence import Place, Sequence
from .series import Series, SeriesPart, series_with_counts, series_with_parts
from .shelves import Shelf, read_shelves
from .showing import Showing
from .tag import PostTag, Tag
from .touch import Touch
from .working_copy import WorkingCopy

naming.name(apps.all_models["blog"].values())

__all__ = [
    "Address",
    "Approval",
    "Author",
    "BadCursor",
    "Bits",
    "Byline",
    "Category",
    "Change",
    "Common",
    "Comment",
    "Cursor",
    "Entry",
    "Event",
    "Figure",
    "FigureVersion",
    "LearningLevel",
    "LearningPath",
    "LinkCheck",
    "Listing",
    "LoginDelay",
    "MissedSearch",
    "Move",
    "Operation",
    "Phrasing",
    "Page",
    "PathStep",
    "Place",
    "Placement",
    "Post",
    "PostPage",
    "PostTag",
    "Presence",
    "Preference",
    "PreviewLink",
    "Publication",
    "RecoveryCode",
    "RelatedPost",
    "Rendition",
    "Resemblance",
    "Revision",
    "Selection",
    "Seal",
    "Sequence",
    "Series",
    "SeriesPart",
    "Shelf",
    "Showing",
    "Tag",
    "Tally",
    "Touch",
    "Unsealed",
    "count_levels",
    "Word",
    "WorkingCopy",
    "find_post_page",
    "for_page",
    "levels_with_counts",
    "path_with_steps",
    "paths_with_counts",
    "read_page",
    "read_post_page",
    "read_publication",
    "read_selection",
    "read_shelves",
    "series_with_counts",
    "series_with_parts",
]
