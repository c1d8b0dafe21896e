"""Benchmarks: how fast the real server answers, and how little that depends on how many posts there are.

`python -m tests.bench` loads synthetic posts into databases of its own and measures; see `__main__`. Nothing here is a
test, and nothing here ever touches the site's own database or media.
"""
