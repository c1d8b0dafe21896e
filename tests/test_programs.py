"""A test that needs a program which is not there is skipped on a desk, and fails where all checks are run."""

import pytest

from tests import programs


def test_it_finds_a_program_by_any_of_its_names():
    assert programs.find("no-such-program", "sh").endswith("/sh")


def test_it_skips_where_the_program_is_missing(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no no-such-program here"):
        programs.find("no-such-program")


def test_it_fails_under_ci_where_the_program_is_missing(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"\.ci/run"):
        programs.find("no-such-program")
