import pytest

from tests.pages.feeds.conftest import edition

__all__ = ["edition"]


@pytest.fixture
def pages():
    """The pages that have Markdown, by the address of it."""
    return {
        "/index.md": "/",
        "/posts/reads.md": "/posts/reads/",
        "/category.md": "/category/",
        "/category/storage.md": "/category/storage/",
        "/category/storage/s3.md": "/category/storage/s3/",
        "/category/learning-levels.md": "/category/learning-levels/",
        "/category/learning-levels/advanced-300.md": "/category/learning-levels/advanced-300/",
        "/tag/s3.md": "/tag/s3/",
        "/author/ada-ferrant.md": "/author/ada-ferrant/",
        "/archive.md": "/archive/",
        "/archive/2026.md": "/archive/2026/",
        "/archive/2026/01.md": "/archive/2026/01/",
        "/series.md": "/series/",
        "/series/stores.md": "/series/stores/",
        "/paths.md": "/paths/",
        "/paths/from-zero.md": "/paths/from-zero/",
        "/figures.md": "/figures/",
        "/figures/read-path.md": "/figures/read-path/",
        "/search.md": "/search/",
        "/search.md?q=reads": "/search/?q=reads",
        "/category/storage.md?tag=s3&level=300": "/category/storage/?level=300&tag=s3",
        "/category/storage.md?narrow": "/category/storage/?narrow",
    }
