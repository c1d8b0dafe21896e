"""What pages are made of, told so that it can be compared, and what was made of it, kept while that is the same.

This room never asks the database, and never keeps what depends on anything but the values it was given.
"""
