"""The page cache: copies of readers' pages in the memory of each web process, valid for exactly one state of the site.

    door.py       the WSGI application before Django's, through which a hit runs alone
    page_cache.py what is behind it: who passes by, what is made anew, what is sent in an outage
    keys.py       what of a request tells one page from another
    policies.py   which pages are kept, and what of their addresses they depend on
    copies.py     a page as it is sent: its headers, its codings, its validator
    store.py      all copies, in so many bytes
    freshness.py  whether a copy still shows what is committed
    watch.py      the thread that learns from PostgreSQL when it does not
    flights.py    one render for all who ask at once
    making.py     the request that anybody could have made, and Django's answer to it
    sending.py    an answer with a copy, or with 304
    limits.py     how long anybody may wait for PostgreSQL
    outage.py     whether it answers at all, and who finds out when it does again
    disk.py       copies that outlive the process
    labels.py     what caches on the way are told, by Django
    numbers.py    what is counted

It never keeps what was made for one reader: nothing with a cookie, and nothing for those who are signed in.
"""
