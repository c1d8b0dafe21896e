"""The page cache: copies of readers' pages in the memory of each web process, valid for exactly one state of the site.

    door.py       the WSGI application before Django's: hits, 304, and who passes by
    keys.py       what of a request tells one page from another
    policies.py   which pages are kept, and what of their addresses they depend on
    copies.py     a page as it is sent: its headers, its codings, its validator
    store.py      all copies, in so many bytes
    freshness.py  whether a copy still shows what is committed
    watch.py      the thread that learns from PostgreSQL when it does not
    flights.py    one render for all who ask at once
    numbers.py    what is counted

It never keeps what was made for one reader: nothing with a cookie, and nothing for those who are signed in.
"""
