"""Files with which the site is run on machines of one's own: systemd, nginx, PgBouncer, Grafana, the environment.

`files/` holds them as they are written, with `${name}` where a machine or a setting has the say; `plan.py` knows those
values, `writing.py` writes. Nothing here is read by the site while it runs.
"""
