"""Changes of the schema that nobody notices: one at a time, never in anybody's way, and looked at before.

`migrating` runs them, `unsafe` says which must not be written, `rehearsing` shows what they will do.
"""
