from blog.pages.cache import numbers
from blog.pages.cache.copies import Copy
from blog.pages.cache.store import Shelf, Store

PAGE = [("Content-Type", "text/html")]


def copy(size=10_000):
    return Copy(b"x" * size, PAGE, made_at=0)


def test_it_never_holds_more_than_it_may():
    shelf = Shelf(1_000_000)
    before = numbers.evicted.value
    for number in range(500):
        assert shelf.put(f"/{number}/", copy())
        assert shelf.bytes <= shelf.most
    assert shelf.bytes == sum(one.size for one in shelf.copies.values()) == sum(shelf.sizes.values())
    assert len(shelf.copies) == 1_000_000 // copy().size
    assert numbers.evicted.value - before == 500 - len(shelf.copies)


def test_what_is_asked_for_stays():
    shelf = Shelf(1_000_000)
    shelf.put("/wanted/", copy())
    for number in range(500):
        shelf.copies["/wanted/"].used = True
        shelf.put(f"/{number}/", copy())
    assert "/wanted/" in shelf.copies and "/0/" not in shelf.copies


def test_all_go_in_turn_where_all_were_asked_for():
    shelf = Shelf(100_000)
    for number in range(50):
        shelf.put(f"/{number}/", copy())
        for one in shelf.copies.values():
            one.used = True
    assert shelf.bytes <= shelf.most


def test_a_page_is_there_once():
    shelf = Shelf(1_000_000)
    for _ in range(9):
        shelf.put("/", copy())
    assert shelf.bytes == copy().size and len(shelf.copies) == 1


def test_a_page_that_is_too_large_is_not_kept_and_drives_nobody_out():
    shelf = Shelf(1_000_000)
    shelf.put("/", copy())
    assert not shelf.put("/large/", copy(200_000))
    assert list(shelf.copies) == ["/"]


def test_questions_drive_out_no_page():
    store = Store(1_000_000)
    store.shelf("").put("/", copy())
    for number in range(500):
        store.shelf(f"q={number}").put(f"/search/?q={number}", copy())
    assert "/" in store.pages.copies
    assert store.questions.bytes <= 250_000
    assert store.bytes <= 1_000_000 and len(store) == 1 + len(store.questions.copies)
