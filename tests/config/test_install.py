import os
import time

import pytest

from config import install


@pytest.fixture(autouse=True)
def checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / install.LOCKS["diagrams"]).write_text("renderer==1\n")
    return tmp_path


def test_it_does_not_ask_again_on_the_same_day_for_what_could_not_be_had():
    assert not install.declined("diagrams")
    install.decline("diagrams")
    assert install.declined("diagrams")


def test_it_asks_again_for_another_version(checkout):
    install.decline("diagrams")
    (checkout / install.LOCKS["diagrams"]).write_text("renderer==2\n")
    assert not install.declined("diagrams")


def test_it_asks_again_on_another_day(checkout):
    install.decline("diagrams")
    yesterday = time.time() - install.A_DAY - 1
    os.utime(checkout / ".venv" / "declined-diagrams", (yesterday, yesterday))
    assert not install.declined("diagrams")
