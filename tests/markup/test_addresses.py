import pytest

from blog.markup.addresses import for_message, is_safe, tidy


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example",
        "HTTP://a.example/x?y=1#z",
        "mailto:a@b.example?subject=x",
        "/a/b:c",
        "#s-x",
        "?page=2",
        "a/b",
        "./a:b",
    ],
)
def test_it_lets_ordinary_addresses_through(address):
    assert is_safe(address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "//evil.example", "/\\evil.example", "\\\\evil",
        "java\tscript:x", "\u200bjavascript:x", "https:evil.example", "https:///x", "http://", "mailto:", "a b:c", "x\\y",
        "tel:+1", "ftp://a.example", "https://a.example/\u202egpj.exe",
    ],
)  # fmt: skip
def test_it_stops_all_others(address):
    assert not is_safe(address)


def test_it_reads_entities_as_a_browser_would():
    assert tidy("java&#115;cript&colon;x") == "javascript:x"
    assert tidy(" /a b ") == "/a%20b"


def test_it_shows_what_is_invisible_in_messages():
    assert "%E2%80%AE" in for_message("x\u202ey")
    assert len(for_message("x" * 500)) <= 80
