"""Links as people write them: one a line, what it is called and where it leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from .base import Lines

Link = dict[str, str]
is_address = URLValidator(schemes=["http", "https"])


class LinksField(Lines):
    """Lines of text in the form, a list of `{"label", "url"}` in the model."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "links-text"})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{link['label']} {link['url']}" for link in value)
        return value

    def to_python(self, value: Any) -> list[Link]:  # type: ignore[override]
        """Raises ValidationError with a sentence for each line that is not a label and an http(s) address."""
        links, wrong = [], []
        for number, line in enumerate(super().to_python(value).split("\n"), start=1):
            if not line.strip():
                continue
            label, _blank, url = line.strip().rpartition(" ")
            try:
                is_address(url)
            except ValidationError:
                wrong.append(
                    _("Line {number}: “{url}” is not an http or https address.").format(
                        number=number, url=url[:80]
                    )
                )
                continue
            if not label.strip():
                wrong.append(
                    _("Line {number}: say where the address leads, before it.").format(number=number)
                )
            links.append({"label": " ".join(label.split()), "url": url})
        if wrong:
            raise ValidationError(wrong)
        return links

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The text's validators are for text; `to_python` has judged the lines."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != (initial or [])
        except ValidationError:
            return True
