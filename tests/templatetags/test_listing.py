from types import SimpleNamespace

from blog.models import Author
from blog.templatetags.listing import by


def line(name):
    return SimpleNamespace(author=Author(name=name, slug=name.lower()))


def test_it_names_authors_as_a_sentence_would():
    assert by([]) == ""
    assert by([line("Ada")]) == 'by <bdi><a href="/author/ada/">Ada</a></bdi>'
    assert by([line("Ada"), line("Bo"), line("Cy")]) == (
        'by <bdi><a href="/author/ada/">Ada</a></bdi>, <bdi><a href="/author/bo/">Bo</a></bdi>'
        ' and <bdi><a href="/author/cy/">Cy</a></bdi>'
    )


def test_it_escapes_names():
    assert "<b>" not in by([SimpleNamespace(author=Author(name="<b>{x}</b>", slug="b")), line("Bo")])
