"""Wiring of the site: settings, addresses, the WSGI door, the embedded PostgreSQL and the supervisor."""
