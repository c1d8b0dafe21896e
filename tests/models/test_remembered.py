from blog.models.remembered import Remembered


def test_it_works_out_what_was_not_asked_for_lately():
    worked_out = []

    def ask(key):
        return known.of(key, lambda: worked_out.append(key) or key.upper())

    known = Remembered(2)
    assert [ask(key) for key in "aabacab"] == list("AABACAB")
    # The second of "b" was pushed out by "c", which was asked for later.
    assert worked_out == ["a", "b", "c", "b"]
