"""The benchmark's own parts, as far as they can be wrong without anybody noticing."""

import pytest

from . import client, databases, measure, questions, targets


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
    assert measure.Answers.of([often, seldom]).passes
    seldom.samples.append(51.0)
    assert not measure.Answers.of([often, seldom]).passes


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
