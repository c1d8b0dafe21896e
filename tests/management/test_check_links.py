from io import StringIO

from django.core.management import call_command

from blog.management.commands import check_links
from blog.models import LinkCheck
from blog.publishing import links
from blog.publishing.asking import Answer
from tests import make


def test_it_asks_what_is_due_and_tells_what_is_broken(db, monkeypatch):
    monkeypatch.setattr(links, "ask", lambda url, **how: Answer(404 if "lost" in url else 200, "it answers."))
    monkeypatch.setattr(check_links.time, "sleep", lambda seconds: None)
    make.post(body="[a](https://a.example/) and [b](https://a.example/lost)\n")
    out = StringIO()
    call_command("check_links", stdout=out)
    assert out.getvalue() == "https://a.example/lost: It answers.\n2 addresses asked, 1 of them broken.\n"
    call_command("check_links", stdout=out)
    assert "0 addresses asked" in out.getvalue()
    call_command("check_links", again=True, stdout=out)
    assert LinkCheck.objects.get(failures__gt=0).failures == 2
