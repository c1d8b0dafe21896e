"""Programs that tests start and that the project does not install, such as a browser.

`.ci/run` installs them, so under CI their absence is a fault; on a newcomer's machine the tests say so and are skipped.
"""

import os
import shutil

import pytest


def find(name: str, *others: str) -> str:
    """Where the program is, by the first of its names; skips the test that needs it, or fails under CI=true."""
    for one in (name, *others):
        if found := shutil.which(one):
            return found
    said = f"no {name} here, which this test starts"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{said}; .ci/run names the packages that it installs", pytrace=False)
    pytest.skip(said)
