"""The publish rules over all posts: for a person, or as JSON for a program. See OPERATING for the document's shape."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from blog.models import Post
from blog.publishing import rules
from blog.publishing.checking import Report, check_posts

FORMAT = 1  # raised when a program that reads the document would have to change


class Command(BaseCommand):
    help = (
        "Judge posts by the publish rules. Ends with code 1 when something blocks. Without an option: all posts that "
        "are published or scheduled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--published", action="store_true", help="published and scheduled posts (default)")
        which.add_argument("--all", action="store_true", help="drafts and withdrawn posts too")
        which.add_argument("--slug", action="append", help="this post alone; may be given several times")
        which.add_argument("--rules", action="store_true", help="list the rules with their weight and reason")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError (exit code 1) when a finding blocks, or when a slug names no post."""
        if options["rules"]:
            self._list_rules(as_json=options["json"])
            return None
        posts = self._chosen(options)
        reports = check_posts(posts, at=timezone.now())
        blocking, advisory, seen = (self._as_json if options["json"] else self._as_text)(reports)
        if blocking:
            raise CommandError(
                f"{blocking:,} findings block publishing, {advisory:,} advise; {seen:,} posts checked."
            )
        return None

    def _chosen(self, options: dict[str, Any]) -> QuerySet[Post]:
        if slugs := options["slug"]:
            known = set(Post.objects.filter(slug__in=slugs).values_list("slug", flat=True))
            if lost := [slug for slug in slugs if slug not in known]:
                raise CommandError(f"There is no post “{lost[0]}”.")
            return Post.objects.filter(slug__in=slugs)
        return Post.objects.kept() if options["all"] else Post.objects.filter(status=Post.Status.PUBLISHED)

    def _as_text(self, reports: Iterator[Report]) -> tuple[int, int, int]:
        blocking = advisory = seen = 0
        for seen, report in enumerate(reports, start=1):  # noqa: B007 - how many there were
            for finding in report.findings:
                blocking += finding.blocking
                advisory += not finding.blocking
                where = f"line {finding.line}" if finding.line else finding.field
                self.stdout.write(
                    f"{report.slug or report.pk}: {where}: {finding.severity}: {finding.code}: {finding.message}"
                )
        posts = "1 post" if seen == 1 else f"{seen:,} posts"
        self.stdout.write(f"{posts} checked: {blocking:,} findings block, {advisory:,} advise.")
        return blocking, advisory, seen

    def _as_json(self, reports: Iterator[Report]) -> tuple[int, int, int]:
        """One document, a post a line, written as it goes: neither side has to hold all of it."""
        blocking = advisory = seen = written = 0
        self.stdout.write(f'{{"format": {FORMAT}, "posts": [')
        for seen, report in enumerate(reports, start=1):  # noqa: B007 - how many there were
            if not report.findings:
                continue
            blocking += len(rules.blocking(report.findings))
            advisory += len(report.findings) - len(rules.blocking(report.findings))
            line = json.dumps(_plain(report), ensure_ascii=False)
            self.stdout.write(f"{',' if written else ' '}{line}")
            written += 1
        totals = json.dumps({"checked": seen, "blocking": blocking, "advisory": advisory})
        self.stdout.write(f"], {totals[1:]}")
        return blocking, advisory, seen

    def _list_rules(self, *, as_json: bool) -> None:
        told = [
            {
                "code": one.code,
                "title": str(one.title),
                "why": str(one.why),
                "field": one.field,
                "severity": rules.severity_of(one.code),
                "default": one.severity,
                "locked": one.locked,
            }
            for one in rules.RULES.values()
        ]
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        for one in told:
            locked = " (can't be lowered)" if one["locked"] else ""
            self.stdout.write(f"{one['code']:24} {one['severity']:7} {one['title']}{locked}. {one['why']}")


def _plain(report: Report) -> dict[str, Any]:
    return {
        "id": report.pk,
        "slug": report.slug,
        "title": report.title,
        "status": report.status,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "field": finding.field,
                "line": finding.line,
                "figure": finding.figure,
                "message": finding.message,
                "why": str(rules.RULES[finding.code].why) if finding.code in rules.RULES else "",
            }
            for finding in report.findings
        ],
    }
