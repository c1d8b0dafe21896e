"""What templates can say beyond Django: one tag shows one thing.

This room never queries the database.
"""
