"""The reader's addresses and those of the uploaded pictures."""

from django.conf import settings
from django.urls import URLPattern, path, re_path, register_converter
from django.urls.converters import IntConverter, StringConverter

from blog.admin.shared import open_link
from blog.operating.health import healthz
from blog.operating.metrics import metrics
from blog.operating.readiness import readyz
from blog.pages import archives, figures, listings, paths, posts, search, series, sitemaps
from blog.pages.alternates.llms import llms, llms_full
from blog.pages.feeds.opml import opml
from blog.pages.feeds.sources import Reader, of_path, of_search, of_selection, of_series
from blog.pages.feeds.views import Feed
from blog.pages.media import media


class UnicodeSlug(StringConverter):
    """Letters of any script, digits, hyphens and underscores."""

    regex = r"[-\w]+"


class CategoryPath(StringConverter):
    """Slugs joined by single slashes."""

    regex = r"[-\w]+(?:/[-\w]+)*"


class FeedKind(StringConverter):
    """A format of feeds that has an address of its own; RSS is the one that has not."""

    regex = "atom|json"


class SitemapKind(StringConverter):
    """What sitemaps are cut into parts of."""

    regex = "posts|categories|tags|authors|series|paths|figures"


class Month(IntConverter):
    """A month, by two digits in every address that the site makes."""

    def to_url(self, value: str | int) -> str:
        return f"{int(value):02}"


register_converter(UnicodeSlug, "name")
register_converter(CategoryPath, "tree")
register_converter(Month, "month")
register_converter(FeedKind, "feed")
register_converter(SitemapKind, "parts")


def feeds(route: str, read: Reader, name: str) -> list[URLPattern]:
    """The three feeds of the page at `route`: RSS at `feed/`, and `feed/atom/` and `feed/json/`."""
    view = Feed.as_view(read=read)
    return [
        path(f"{route}feed/", view, {"kind": "rss"}, name=f"{name}-feed"),
        path(f"{route}feed/<feed:kind>/", view, name=f"{name}-feed"),
    ]


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("feeds.opml", opml, name="opml"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    re_path(r"^sitemap-(?P<kind>pages|archives)\.xml$", sitemaps.part, name="sitemap-of"),
    path("sitemap-<parts:kind>-<int:number>.xml", sitemaps.part, name="sitemap-part"),
    path("llms.txt", llms, name="llms"),
    path("llms-full.txt", llms_full, name="llms-full"),
    path("", listings.Home.as_view(), name="home"),
    *feeds("", of_selection, "home"),
    path("preview/<str:token>/", open_link, name="preview"),
    path("posts/<name:slug>/", posts.PostDetail.as_view(), name="post"),
    path("category/", listings.Subjects.as_view(), name="subjects"),
    # Before the pages they belong to: a category may have any path but one that ends in `feed`.
    *feeds("category/learning-levels/", of_selection, "levels"),
    *feeds("category/learning-levels/<name:level>/", of_selection, "level"),
    *feeds("category/<tree:category>/", of_selection, "category"),
    *feeds("tag/<name:tag>/", of_selection, "tag"),
    *feeds("author/<name:author>/", of_selection, "author"),
    *feeds("archive/<int:year>/", of_selection, "year"),
    *feeds("archive/<int:year>/<month:month>/", of_selection, "month"),
    *feeds("series/<name:slug>/", of_series, "series"),
    *feeds("paths/<name:slug>/", of_path, "learning-path"),
    *feeds("search/", of_search, "search"),
    path("category/learning-levels/", listings.LevelsPosts.as_view(), name="levels"),
    path("category/learning-levels/<name:level>/", listings.LevelPosts.as_view(), name="level"),
    path("category/<tree:category>/", listings.CategoryPosts.as_view(), name="category"),
    path("tag/<name:tag>/", listings.TagPosts.as_view(), name="tag"),
    path("author/<name:author>/", listings.AuthorPosts.as_view(), name="author"),
    path("archive/", archives.Archives.as_view(), name="archives"),
    path("archive/<int:year>/", archives.YearPosts.as_view(), name="year"),
    path("archive/<int:year>/<month:month>/", archives.MonthPosts.as_view(), name="month"),
    path("figures/", figures.Gallery.as_view(), name="figures"),
    path("figures/<slug:slug>/", figures.FigureDetail.as_view(), name="figure"),
    path("search/", search.Search.as_view(), name="search"),
    path("series/", series.AllSeries.as_view(), name="all-series"),
    path("series/<name:slug>/", series.SeriesDetail.as_view(), name="series"),
    path("paths/", paths.AllPaths.as_view(), name="learning-paths"),
    path("paths/<name:slug>/", paths.PathDetail.as_view(), name="learning-path"),
    re_path(rf"^{settings.MEDIA_URL.strip('/')}/(?P<path>[-\w./]+)$", media, name="media"),
]
