"""That each target takes what it starts from; `make fuzz` goes on from there."""

import subprocess
import sys

import pytest

from tests.config.servers import ROOT, environment

from . import NAMES
from .targets import TARGETS


@pytest.mark.parametrize("name", NAMES)
def test_every_target_takes_its_own_seeds(name):
    target, seeds = TARGETS[name]
    given = list(seeds())
    assert given
    for seed in given[:40]:
        target(seed)


def test_it_knows_its_targets_by_name():
    assert set(NAMES) == set(TARGETS)
    command = [sys.executable, "-m", "tests.fuzz", "nonsense"]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2 and "there is no target nonsense" in done.stderr
