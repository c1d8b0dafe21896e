"""The benchmark's own parts, as far as they can be wrong without anybody noticing."""

import http.server
import json
import os
import re
import threading
from xml.etree import ElementTree

import pytest

from blog.models import Category
from blog.publishing import categories
from blog.transfer.synthetic import corpus
from tests import make

from . import client, databases, measure, moving, page, plots, questions, soak, targets


def test_it_takes_percentiles_by_nearest_rank():
    assert measure.percentile([float(n) for n in range(1, 101)], 0.99) == 99
    assert measure.percentile([3.0, 1.0, 2.0], 0.5) == 2
    assert measure.percentile([7.0], 0.99) == 7


def test_it_fails_a_deepest_page_that_costs_more_than_allowed():
    assert measure.Ratio(10, 12).passes
    assert not measure.Ratio(10, 12.1).passes


def test_it_fails_a_search_whose_slow_answers_are_too_slow():
    often, seldom = (
        targets.Target("search", "", "/", samples=[took] * times) for took, times in ((10.0, 95), (51.0, 5))
    )
    assert measure.Answers.of([often, seldom], 100_000).passes
    seldom.samples.append(51.0)
    assert not measure.Answers.of([often, seldom], 100_000).passes
    assert measure.Answers.of([often, seldom], 1_000_000).passes


def test_it_asks_for_words_that_its_posts_have():
    asked = list(questions.questions())
    assert len(asked) == len({one.path for one in asked}) == 20
    assert not any("%7B" in one.path for one in asked)


def test_it_reads_the_rate_from_wrk_and_refuses_a_run_with_errors():
    report = "Running 4s test @ http://127.0.0.1:8000/\n  4012 requests in 4.00s, 71.2MB read\nRequests/sec:   1002.75\n"
    assert client.read_wrk(report) == 1002.75
    with pytest.raises(client.WrongAnswer):
        client.read_wrk(report.replace("Requests/sec", "  Non-2xx or 3xx responses: 3\nRequests/sec"))
    with pytest.raises(client.WrongAnswer):
        client.read_wrk("unable to connect to 127.0.0.1:8000 Connection refused")


def test_it_names_no_database_but_its_own():
    server = "postgres://me:secret@db.example:5433/site?sslmode=require"
    assert databases.url_of(server, "stratum_bench_1") == (
        "postgres://me:secret@db.example:5433/stratum_bench_1?sslmode=require"
    )
    with pytest.raises(ValueError, match="not a benchmark's"):
        databases.create(server, "site", fresh=True)


def run(posts, p95):
    row = {"name": "home", "page": f"deepest ({posts // 10:,})", "p50_ms": p95 / 2, "p95_ms": p95}
    return {"posts": posts, "machine": {"cores": 2}, "pages": [row], "search": {}}


def test_it_compares_a_page_at_the_most_posts_with_ten_thousand():
    (line,) = page.lines([run(1_000_000, 30.0), run(1_000, 5.0), run(10_000, 20.0)], "pages")
    assert line.name == "home, deepest" and line.ratio == 1.5
    assert page.Line("x", ((1_000, 1.0, 2.0), (10_000, 1.0, 2.0))).ratio is None


def test_it_draws_a_document_that_can_be_parsed_and_says_what_is_too_slow():
    shown = page.document([run(10_000, 20.0), run(1_000_000, 31.0)])
    for drawing in re.findall(r"<svg.*?</svg>", shown):
        ElementTree.fromstring(drawing)
    assert shown.count("<polyline") == 2 and shown.count('class="ratio over">× 1.55') == 2
    assert "0 of 1 cost at most 1.5 times as much" in shown


@pytest.mark.parametrize("most", [0.0, 0.3, 3.9, 4.0, 7.2, 52.0, 99.9, 1_300.0])
def test_it_ends_an_axis_at_a_round_figure_above_all(most):
    step, top = plots.scale(most)
    assert top >= most and 1 <= round(top / step) <= plots.MOST_LINES


def test_it_mixes_no_lengths(tmp_path):
    for file, found in {
        "10000": run(10_000, 20.0),
        "100_words": run(1_000_000, 9.0) | {"words": 100},
    }.items():
        (tmp_path / f"posts-{file}.json").write_text(json.dumps(found))
    assert "With 10,000 posts of 600 words" in page.write(tmp_path).read_text()
    short = page.write(tmp_path, 100)
    assert short.name == "report_100_words.html" and "With 1,000,000 posts of 100 words" in short.read_text()
    assert databases.name(10_000, 600) == "stratum_bench_10000"
    assert databases.name(10_000, 100) == "stratum_bench_10000_100_words"


def test_it_fails_a_process_that_grows():
    assert soak.Soak(200_000, 150, 160, 170, 60).passes
    assert not soak.Soak(200_000, 150, 170, 170, 60).passes
    assert not soak.Soak(200_000, 240, 245, 255, 60).passes


@pytest.mark.django_db
def test_it_asks_once_for_what_is_not_kept(now):
    slugs = [make.post().slug for _ in range(7)]
    found = soak.fresh(35, now)
    assert [one for one in found if "/posts/" in one] == [f"/posts/{slug}/" for slug in slugs[:6]]
    assert len({one for one in found if one.startswith("/search/?q=")}) == 1


class Moody(http.server.BaseHTTPRequestHandler):
    """Answers 503 to what has `bad` in it."""

    def do_GET(self):
        self.send_response(503 if "bad" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_it_goes_on_after_a_wrong_answer_and_fails_for_it():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Moody) as answering:
        threading.Thread(target=answering.serve_forever, daemon=True).start()
        found = soak.soak(answering.server_port, os.getpgrp(), ["/good"], ["/bad"], 60, say=lambda _: None)
        answering.shutdown()
    (wrong,) = found.failures.values()
    assert 5 <= wrong <= 25 and not found.passes


def test_it_notes_what_has_ended_a_reader():
    failures = []

    def reading():
        raise client.WrongAnswer("/ answered 503")

    moving.noting(failures, reading)()
    assert failures == ["reading: WrongAnswer('/ answered 503')"]
    assert not moving.Moved(1, before=[1.0], during=[1.0], failures=failures).passes


@pytest.mark.django_db
def test_it_moves_every_category_away_and_back_again():
    for place in corpus.tree():
        parent = Category.objects.filter(path=place.path.rpartition("/")[0]).first()
        categories.save(Category(name=place.name, slug=place.path.rpartition("/")[2], parent=parent))
    for place in corpus.tree():
        category = Category.objects.get(path=place.path)
        for path in (f"{moving.AWAY}/{category.slug}", place.path):
            category.parent = moving.elsewhere(category)
            categories.save(category)
            assert category.path == path


def test_it_reads_the_memory_of_this_very_process():
    assert 10 < soak.resident_mb(os.getpgrp()) < 10_000
