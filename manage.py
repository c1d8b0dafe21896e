#!/usr/bin/env python
"""Django's commands, e.g. `.venv/bin/python manage.py migrate`; the embedded server starts when needed."""

import os
import sys


def main() -> None:
    """Run the command the arguments name; `verify-backup` is `verify_backup`."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        sys.argv[1] = sys.argv[1].replace("-", "_")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed for this Python. `make run` makes .venv; "
            "then use .venv/bin/python manage.py."
        )
    from config.complaints import complaint

    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        words = complaint(error)
        if words is None:
            raise
        sys.exit(words)


if __name__ == "__main__":
    main()
