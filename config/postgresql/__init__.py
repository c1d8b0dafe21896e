"""The database backend `config.postgresql`: Django's own, whose pool asks its connections less often whether they live.
Nothing of it is loaded but by Django."""
