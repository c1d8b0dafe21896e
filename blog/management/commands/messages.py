from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import makemessages

TOOLS = ("xgettext", "msguniq", "msgmerge", "msgattrib", "msgfmt")
# Operators read English, so what they alone see holds nothing to translate; the rest is not ours.
UNTRANSLATED = (
    "blog/transfer",
    "blog/migrations",
    "tests",
    "static",
    "var",
)
# What says when and where a file was made, instead of what is in it.
CHANGING = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator):.*\n', re.M
)
HEAD = r"""# What readers of Stratum see. `make messages` gathers and compiles it.
msgid ""
msgstr ""
"Project-Id-Version: Stratum\n"
"Language: {language}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
{plurals}
"""
PLURALS = re.compile(r'^"Plural-Forms:.*$', re.M)


class Command(makemessages.Command):
    """Django's `makemessages` with everything decided that would otherwise differ from one machine to the next: no line
    numbers, no dates, no guessed translations, nothing kept that nobody sees any more."""

    help = "Gathers the texts that readers and editors see into every language's message file, and compiles these."
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "languages", nargs="*", help="Languages to begin, such as fr; those there are go along."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = [tool for tool in TOOLS if shutil.which(tool) is None]
        if missing:
            raise CommandError(
                f"{', '.join(missing)}: not found. They belong to GNU gettext: install the package gettext "
                "(Debian, Ubuntu: apt install gettext; macOS: brew install gettext) and try again."
            )
        here = Path(settings.LOCALE_PATHS[0])
        begun = sorted({*options["languages"], *(path.name for path in here.glob("*") if path.is_dir())})
        options |= {
            "locale": begun,
            "no_location": True,
            "no_wrap": True,
            "no_obsolete": True,
            "ignore_patterns": [*options["ignore_patterns"], *(f"{name}/*" for name in UNTRANSLATED)],
        }
        super().handle(*args, **options)
        for language in begun:
            source = here / language / "LC_MESSAGES" / "django.po"
            said = self.compile(source)
            self.stdout.write(f"{language}: {said}")

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        source = Path(potfile).parent / locale / "LC_MESSAGES" / "django.po"
        head, gap, messages = source.read_text(encoding="utf-8").partition("\n\n")
        if "PACKAGE VERSION" in head:  # begun just now
            plurals = PLURALS.search(head)
            head = HEAD.format(language=locale, plurals=plurals[0] if plurals else "").rstrip()
        source.write_text(CHANGING.sub("", head + "\n") + gap[1:] + messages, encoding="utf-8")

    @staticmethod
    def compile(source: Path) -> str:
        """Compiles one message file beside itself; what was translated, as msgfmt says it."""
        done = subprocess.run(
            [
                "msgfmt",
                "--check-format",
                "--no-hash",
                "--statistics",
                "-o",
                source.with_suffix(".mo"),
                source,
            ],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CommandError(done.stderr.strip())
        return done.stderr.strip()
