import pytest
from django.core.management import CommandError, call_command

from blog.models import Listing
from blog.operating.soundness import machine
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def any_server(monkeypatch):
    """The server that tests are given may have been made with the LC_CTYPE of those days."""
    monkeypatch.setattr(machine, "letters", lambda: iter(()))


def test_it_ends_well_where_all_is_sound(capsys):
    make.post()
    call_command("doctor")
    assert capsys.readouterr().out.rstrip().endswith("The site is sound.")


def test_it_says_what_is_wrong_and_how_to_mend_it(capsys):
    make.post()
    Listing.objects.all().delete()
    with pytest.raises(CommandError, match="One thing is to be mended"):
        call_command("doctor")
    said = capsys.readouterr().out
    assert "look    listings:" in said and "manage.py doctor --fix" in said


def test_it_mends_what_it_is_told_to(capsys):
    make.post()
    Listing.objects.all().delete()
    call_command("doctor", "--fix")
    assert "mended  listings:" in capsys.readouterr().out
    call_command("doctor")
