"""The reader's addresses and those of the uploaded pictures."""

from django.conf import settings
from django.urls import path, re_path, register_converter
from django.urls.converters import StringConverter

from blog.pages import listings, paths, posts, series
from blog.pages.health import healthz
from blog.pages.media import media


class UnicodeSlug(StringConverter):
    """Letters of any script, digits, hyphens and underscores."""

    regex = r"[-\w]+"


class CategoryPath(StringConverter):
    """Slugs joined by single slashes."""

    regex = r"[-\w]+(?:/[-\w]+)*"


register_converter(UnicodeSlug, "name")
register_converter(CategoryPath, "tree")

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", listings.Home.as_view(), name="home"),
    path("posts/<name:slug>/", posts.PostDetail.as_view(), name="post"),
    path("category/", listings.Subjects.as_view(), name="subjects"),
    path("category/learning-levels/", listings.LevelsPosts.as_view(), name="levels"),
    path("category/learning-levels/<name:slug>/", listings.LevelPosts.as_view(), name="level"),
    path("category/<tree:path>/", listings.CategoryPosts.as_view(), name="category"),
    path("tag/<name:slug>/", listings.TagPosts.as_view(), name="tag"),
    path("author/<name:slug>/", listings.AuthorPosts.as_view(), name="author"),
    path("series/", series.AllSeries.as_view(), name="all-series"),
    path("series/<name:slug>/", series.SeriesDetail.as_view(), name="series"),
    path("paths/", paths.AllPaths.as_view(), name="learning-paths"),
    path("paths/<name:slug>/", paths.PathDetail.as_view(), name="learning-path"),
    re_path(rf"^{settings.MEDIA_URL.strip('/')}/(?P<path>[-\w./]+)$", media, name="media"),
]
