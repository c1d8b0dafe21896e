"""Pages that are shown again as they were, while all that they are made of is the same."""

from __future__ import annotations

from typing import Any

from django.template.response import TemplateResponse

from blog.keeping.shelf import pages

from .context import site

OF_THE_VIEW = ("view", "object")
"""What Django's views add for templates of other people."""
OF_THE_PAGE = "post"
"""What `page` is told with: PostPage.post."""


class KeptPage(TemplateResponse):
    """A page made of its context and nothing else: its template knows no request, so it can say nothing about who asks.
    What was made of the same values is the same page, and is sent again. The view reads these values each time, so
    that nothing of it can be out of date; see `keeping`."""

    @property
    def rendered_content(self) -> Any:
        """The page in UTF-8."""
        shown = site(self._request) | (self.context_data or {})
        values = {name: value for name, value in shown.items() if name not in OF_THE_VIEW}
        told = {name: value for name, value in values.items() if name != OF_THE_PAGE}
        return pages.keep(str(self.template_name), told, lambda: self._made_of(values))

    def _made_of(self, values: dict[str, Any]) -> bytes:
        return self.resolve_template(self.template_name).render(values).encode()
