from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from config.bundles import BUNDLES, SOURCES, Bundles


@pytest.fixture
def bundles(settings, tmp_path):
    settings.DATA = tmp_path
    return Bundles()


@pytest.mark.parametrize("path", BUNDLES)
def test_it_joins_the_layers_in_their_order(bundles, path):
    text = Path(bundles.find(path)).read_text("utf-8")
    places = [text.index((SOURCES / part).read_text("utf-8")) for part in BUNDLES[path]]
    assert places == sorted(places)


def test_it_lists_what_it_finds(bundles):
    assert [path for path, storage in bundles.list(None) if storage.exists(path)] == list(BUNDLES)


def test_it_writes_a_bundle_anew_when_a_part_has_changed(bundles):
    target = Path(bundles.find("css/site.css"))
    target.write_text("stale")
    assert Path(bundles.find("css/site.css")).read_text() != "stale"


def test_it_knows_nothing_else(bundles):
    assert bundles.find("css/other.css") == []
    assert finders.find("css/site.css")
