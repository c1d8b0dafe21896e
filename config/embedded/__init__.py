"""The database backend `config.embedded`: PostgreSQL whose server starts with the first connection.

`base.py` is what Django loads; `places`, `binaries`, `cluster` and `keeper` are the parts of the runner whose
door is `config/local_postgres.py`. Nothing but `base.py` may import Django: the runner must stay cheap to
start.
"""
