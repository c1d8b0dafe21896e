"""Connections of their own, and the way past PgBouncer."""

from django.db import connections

from blog.models import direct

BEHIND = {"HOST": "db.internal", "PORT": 5432, "USER": "owner", "PASSWORD": "s3cret", "NAME": "stratum"}


def test_it_opens_a_connection_outside_the_pool():
    made = direct.direct(isolation_level=4)
    assert "pool" not in made.settings_dict["OPTIONS"]
    assert made.settings_dict["OPTIONS"]["isolation_level"] == 4
    assert made is not connections["default"]


def test_it_asks_the_sites_own_address_where_no_other_is_named(settings):
    settings.DATABASE_DIRECT = {}
    made, known = direct.direct().settings_dict, connections["default"].settings_dict
    assert [made[key] for key in BEHIND] == [known[key] for key in BEHIND]
    assert direct.name() == known["NAME"]


def test_it_goes_past_pgbouncer(settings):
    settings.DATABASE_DIRECT = BEHIND
    made = direct.direct().settings_dict
    assert {key: made[key] for key in BEHIND} == BEHIND
    assert direct.name() == "stratum"


def test_it_goes_past_pgbouncer_to_other_databases_too(settings):
    settings.DATABASE_DIRECT = BEHIND
    made = direct.direct("postgres").settings_dict
    assert (made["HOST"], made["NAME"]) == ("db.internal", "postgres")


def test_it_keeps_cursors_on_the_server_only_where_a_session_is_its_own(settings):
    settings.DATABASE_DIRECT = {
        **BEHIND,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {"sslmode": "require"},
    }
    made = direct.direct().settings_dict
    assert not made["DISABLE_SERVER_SIDE_CURSORS"]
    assert made["OPTIONS"] == {"sslmode": "require"}


def test_it_means_what_stands_in_for_the_site_also_behind_pgbouncer(settings):
    """Or a migration meant for a scratch database would run on the site."""
    settings.DATABASE_DIRECT = BEHIND
    with direct.standing_in(direct.direct("scratch")):
        assert direct.name() == "scratch" == direct.direct().settings_dict["NAME"]
    assert direct.name() == "stratum"
