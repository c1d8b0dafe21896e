from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import LearningPath, PathStep, Post, Series
from blog.models.nearest import LONGEST_WORDS, read_nearest, words_of
from tests import make


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/posts/sovereign-failovr-design/", "sovereign failovr design"),
        ("/posts/how-we-do-the-failover/", "failover"),
        ("/2019/05/queues-that-drain.html", "queues that drain"),
        ("/category/storage/amazn-s3/", "amazn s3"),
        ("/tag/s3x/feed/atom/", "s3x"),
        ("/posts/überläufe.md", "überläufe"),
        ("/データ/", "データ"),
        ("/posts/", ""),
        ("/posts/a-b/", ""),
        ("/", ""),
        ("/2024/05/", ""),
    ],
)
def test_it_takes_the_last_words_that_say_something(path, words):
    assert words_of(path) == words


@pytest.mark.parametrize(
    "path",
    [
        "/wp-login.php",
        "/blog/wp-admin/setup",
        "/.env",
        "/.git/config",
        "/a/../../etc/passwd",
        "/cgi-bin/luci",
        "/posts/x' OR 1=1--",
        "/posts/<script>",
        "/static/css/site.css",
        "/posts/picture.png",
        "/posts/" + "long-" * 60,
    ],
)
def test_it_has_no_words_for_what_no_reader_types(path):
    assert words_of(path) == ""


def test_it_bounds_what_is_compared():
    assert len(words_of("/posts/" + "word-" * 38)) <= LONGEST_WORDS


@pytest.mark.django_db
class TestNearest:
    def test_it_finds_a_misspelt_post_in_one_query(self, now):
        make.post(title="Sovereign failover across partitions", slug="sovereign-failover")
        make.post(title="Queues that drain themselves", slug="queues")
        with CaptureQueriesContext(connection) as queries:
            found = read_nearest("/posts/soverein-failovr/", at=now)
        assert len(queries) == 1
        assert [(one.kind, one.url) for one in found] == [("post", "/posts/sovereign-failover/")]

    def test_it_finds_a_post_by_the_beginning_of_its_title(self, now):
        make.post(title="Build resilient agents, step by step", slug="agents")
        assert [one.url for one in read_nearest("/2021/build-resiliant-agents.html", at=now)] == [
            "/posts/agents/"
        ]

    def test_it_asks_nothing_about_a_path_without_words(self, now):
        with CaptureQueriesContext(connection) as queries:
            assert read_nearest("/wp-login.php", at=now) == []
        assert len(queries) == 0

    @pytest.mark.parametrize("path", ["/posts/xyzzyplugh/", "/posts/zzzz-qqqq-jjjj/"])
    def test_it_has_nothing_to_say_to_nonsense(self, now, path):
        make.post(title="Sovereign failover", slug="sovereign-failover")
        assert read_nearest(path, at=now) == []

    @pytest.mark.parametrize("status", [Post.Status.DRAFT, Post.Status.REVIEW, Post.Status.WITHDRAWN])
    def test_it_never_names_what_is_not_public(self, now, status):
        category = make.category("secrecy")
        author = make.author("Solomon Secretive")
        post = make.post(
            title="Secret failover",
            slug="secret-failover",
            status=status,
            categories=[category],
            authors=[author],
            tags=["secretly"],
        )
        series = Series.objects.create(title="Secret parts", slug="secret-parts")
        series.parts.create(post=post, number=1)
        way = LearningPath.objects.create(title="Secret way", slug="secret-way")
        PathStep.objects.create(learning_path=way, post=post, number=1)
        for words in (
            "secret-failover",
            "secrecy",
            "solomon-secretive",
            "secretly",
            "secret-parts",
            "secret-way",
        ):
            assert read_nearest(f"/posts/{words}/", at=now) == []

    def test_it_keeps_an_embargo_to_the_second(self, now):
        make.post(title="Secret failover", slug="secret-failover", at=now, tags=["hushhush"])
        before = now - timedelta(seconds=1)
        assert read_nearest("/posts/secret-failovr/", at=before) == []
        assert read_nearest("/tag/hushhsh/", at=before) == []
        assert read_nearest("/posts/secret-failovr/", at=now)[0].url == "/posts/secret-failover/"
        assert read_nearest("/tag/hushush/", at=now)[0].kind == "tag"

    def test_it_prefers_the_kind_that_the_address_names(self, now):
        post = make.post(
            title="Networking",
            slug="networking",
            categories=[make.category("networking")],
            tags=["networking"],
        )
        series = Series.objects.create(title="Networking", slug="networking")
        series.parts.create(post=post, number=1)
        for first, kind in [
            ("posts", "post"),
            ("category", "category"),
            ("tag", "tag"),
            ("series", "series"),
        ]:
            assert read_nearest(f"/{first}/networkin/", at=now)[0].kind == kind

    def test_it_reads_posts_from_the_trigram_index(self):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            from blog.models.resembling import spoken

            rows = Post.objects.alias(s=spoken("slug", "title")).filter(s__trigram_word_similar="failover")
            assert "post_resembling" in rows.order_by().values("pk").explain()
