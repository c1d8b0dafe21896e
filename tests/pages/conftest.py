import pytest
from django.db import connection
from django.template.backends.django import Template


@pytest.fixture
def in_templates(monkeypatch):
    """For every page rendered, how many queries its template made; the view's own are not counted."""
    seen = []
    render = Template.render

    def counted(self, context=None, request=None):
        before = len(connection.queries_log)
        result = render(self, context, request)
        seen.append(len(connection.queries_log) - before)
        return result

    monkeypatch.setattr(Template, "render", counted)
    # Fragments drawn by tags are rendered through the same class; only whole pages are of interest.
    monkeypatch.setattr("blog.templatetags.blog.get_template", _engine_template)
    return seen


def _engine_template(name):
    from django.template.loader import get_template

    return _Fragment(get_template(name).template)


class _Fragment:
    def __init__(self, template):
        self.template = template

    def render(self, context):
        from django.template import Context

        return self.template.render(Context(context))
