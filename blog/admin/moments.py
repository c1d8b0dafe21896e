"""Instants in the editor's time zone: read, shown in both zones, and refused with a way out where clocks are changed.

When clocks go forward, an hour is missing; when they go back, one comes twice. A time in such an hour may be written
with its zone, `02:30 CEST`, or as UTC, `00:30 UTC`; that works at any hour.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
WITH_ZONE = re.compile(r"(?P<time>[\d:.\s]+?)\s*(?P<zone>[A-Za-z]{1,5}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)")


def readings(naive: datetime, zone: tzinfo) -> list[datetime]:
    """The instants at which clocks in `zone` show this: one, none where it is skipped, two where it comes twice."""
    found = []
    for fold in (0, 1):
        aware = naive.replace(tzinfo=zone, fold=fold)
        if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == naive.replace(fold=0):
            found.append(aware)
    return found[:1] if len(found) == 2 and found[0].utcoffset() == found[1].utcoffset() else found


def in_both(at: datetime) -> str:
    """An instant in the current zone and in UTC, such as “Tue 24 Nov 2026, 10:00 CET = 09:00 UTC”."""
    here, there = timezone.localtime(at), at.astimezone(UTC)
    shape = "H:i:s" if here.second else "H:i"
    first = _("{date}, {time}").format(
        date=date_format(here, _("D j M Y")), time=f"{date_format(here, shape)} {here.tzname()}"
    )
    if here.utcoffset() == timedelta(0):
        return first
    second = f"{date_format(there, shape)} UTC"
    if here.date() != there.date():
        second = _("{date}, {time}").format(date=date_format(there, _("D j M")), time=second)
    return f"{first} = {second}"


class Told(time):
    """A time of day with the zone that was written behind it."""

    zone: str


class Clock(forms.TimeField):
    """A time of day, perhaps with a zone behind it."""

    def to_python(self, value: Any) -> time | None:
        found = WITH_ZONE.fullmatch(value.strip()) if isinstance(value, str) else None
        plain = super().to_python(found["time"].strip() if found else value)
        if found is None or plain is None:
            return plain
        told = Told(plain.hour, plain.minute, plain.second, plain.microsecond)
        told.zone = found["zone"]
        return told


class MomentWidget(AdminSplitDateTime):
    """Date and time with, below them, the chosen instant in both zones and the way to another zone."""

    class Media:
        js = [forms.Script("js/admin/moments.js", type="module")]

    def decompress(self, value: Any) -> Any:
        shown = super().decompress(value)
        if isinstance(value, datetime) and timezone.is_aware(value):
            here = timezone.localtime(value)
            if len(readings(here.replace(tzinfo=None), here.tzinfo or UTC)) == 2:
                return [here.date(), f"{here:%H:%M:%S} {here.tzname()}"]
        return shown

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        boxes = super().render(name, value, attrs, renderer)
        chosen = in_both(value) if isinstance(value, datetime) and timezone.is_aware(value) else ""
        return format_html(
            '{}<span class="moment" data-zone="{}" data-skipped="{}"><output class="moment-both">{}</output> '
            '<a href="{}">{}</a></span>',
            boxes,
            timezone.get_current_timezone_name(),
            _("This time does not come: clocks go forward."),
            chosen,
            reverse("admin:blog_post_zone"),
            _("Change the time zone"),
        )


class Moment(forms.SplitDateTimeField):
    """An instant, written as date and time in the current time zone."""

    widget = MomentWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        days, former = cast(tuple[forms.DateField, forms.TimeField], self.fields)
        clock = Clock(input_formats=former.input_formats, error_messages=former.error_messages)
        clock.required = former.required
        self.fields = (days, clock)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """Its label names two boxes; each gets a name of its own, where it has none."""
        bound = super().get_bound_field(form, field_name)
        for part, box in zip((_("date"), _("time")), self.widget.widgets, strict=True):
            box.attrs.setdefault("aria-label", f"{bound.label}: {part}")
        return bound

    def compress(self, data_list: Any) -> datetime | None:
        """Raises ValidationError for half of it, and for a time that does not come, or comes twice."""
        if not data_list:
            return None
        day, clock = data_list
        if day in self.empty_values:
            raise ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if clock in self.empty_values:
            raise ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        return instant(day, clock, getattr(clock, "zone", ""))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            told = self.clean(data)
        except ValidationError:
            return True
        if isinstance(initial, datetime):
            initial = initial if timezone.is_aware(initial) else timezone.make_aware(initial)
            initial = initial.replace(microsecond=0)
        return bool(told != (initial or None))


def instant(day: date, clock: time, written: str = "") -> datetime:
    """The instant, in UTC, of a date and a time of day in the current zone, or in the one written behind the time.
    In UTC, since Python takes no instant that comes twice on the clock for equal to any other (PEP 495).

    Raises:
        ValidationError: that time does not come that day, or comes twice, or the zone is neither the editor's nor UTC.
    """
    zone = timezone.get_current_timezone()
    naive = datetime.combine(day, time(clock.hour, clock.minute, clock.second))
    try:
        if written:
            return _with_zone(naive, written, zone).astimezone(UTC)
        found = readings(naive, zone)
        if not found:
            raise _skipped(naive, zone)
        if len(found) == 2:
            raise _twice(naive, found)
        return found[0].astimezone(UTC)
    except OverflowError:
        raise ValidationError(
            _("No time zone reaches that far. Choose another year."), code="overflow"
        ) from None


def _with_zone(naive: datetime, written: str, zone: tzinfo) -> datetime:
    if written.upper() in {"UTC", "Z", "GMT"}:
        return naive.replace(tzinfo=UTC)
    here = readings(naive, zone)
    if (offset := OFFSET.fullmatch(written)) and int(offset[2]) < 24 and int(offset[3] or 0) < 60:
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
        return naive.replace(tzinfo=fixed_zone(ahead if offset[1] == "+" else -ahead))
    for one in here:
        if (one.tzname() or "").upper() == written.upper():
            return one
    if not here:
        raise _skipped(naive, zone)
    known = _(" or ").join(f"{one.tzname()}" for one in here)
    raise ValidationError(
        _("“{written}” is not the time of {zone} that day. Write {known}, UTC, or nothing.").format(
            written=written, zone=zone, known=known
        ),
        code="zone",
    )


def _skipped(naive: datetime, zone: tzinfo) -> ValidationError:
    later, earlier = (
        naive.replace(tzinfo=zone, fold=fold).astimezone(UTC).astimezone(zone) for fold in (0, 1)
    )
    return ValidationError(
        _(
            "On {day} there is no {time} in {zone}: clocks go forward. Write {later}, or {earlier}."
        ).format(
            day=date_format(naive, _("j M Y")), time=f"{naive:%H:%M}", zone=zone, later=f"{later:%H:%M}",
            earlier=f"{earlier:%H:%M}",
        ),
        code="skipped",
    )  # fmt: skip


def _twice(naive: datetime, found: list[datetime]) -> ValidationError:
    first, second = found
    return ValidationError(
        _(
            "On {day} {time} comes twice in {zone}: clocks go back. Write “{time} {first}” for the first, or "
            "“{time} {second}” for the second."
        ).format(
            day=date_format(naive, _("j M Y")), time=f"{naive:%H:%M}", zone=first.tzinfo, first=first.tzname(),
            second=second.tzname(),
        ),
        code="twice",
    )  # fmt: skip
