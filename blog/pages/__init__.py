"""The reader's doors: listings, posts, media, errors, moved addresses.

This room never writes anything.
"""
