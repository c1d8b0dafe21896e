import pytest
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from config.cdn import options


@pytest.fixture
def env(monkeypatch):
    for name in ("FASTLY_SERVICE", "FASTLY_TOKEN", "CLOUDFLARE_ZONE", "CLOUDFLARE_TOKEN", "VARNISH_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_there_is_none_unless_it_is_named(env):
    assert options(Env(), "") == {}


@pytest.mark.parametrize(
    ("cdn", "said"),
    [
        ("akamai", "CDN is fastly, cloudflare or varnish, or nothing."),
        ("fastly", "CDN=fastly also needs FASTLY_SERVICE and FASTLY_TOKEN, to tell it what has changed."),
        (
            "cloudflare",
            "CDN=cloudflare also needs CLOUDFLARE_ZONE and CLOUDFLARE_TOKEN, to tell it what has changed.",
        ),
        ("varnish", "CDN=varnish also needs VARNISH_URL, to tell it what has changed."),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(env, cdn, said):
    with pytest.raises(ImproperlyConfigured) as found:
        options(Env(), cdn)
    assert str(found.value) == said


def test_it_speaks_to_the_vendor_unless_told_otherwise(env):
    env.setenv("FASTLY_SERVICE", "abc")
    env.setenv("FASTLY_TOKEN", "sesame")
    assert options(Env(), "fastly")["url"] == "https://api.fastly.com"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "varnish:6081", "http://one:6081 ftp://two"])
def test_it_speaks_http_alone(env, url):
    env.setenv("VARNISH_URL", url)
    with pytest.raises(ImproperlyConfigured, match="VARNISH_URL begins with https:// or http://."):
        options(Env(), "varnish")


def test_a_token_with_a_line_end_is_refused_without_being_told(env):
    env.setenv("FASTLY_SERVICE", "abc")
    env.setenv("FASTLY_TOKEN", "ses\name")
    with pytest.raises(ImproperlyConfigured) as found:
        options(Env(), "fastly")
    assert "name" not in str(found.value)
