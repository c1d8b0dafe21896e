"""Commands: they parse arguments, call a room and print.

This room never holds logic.
"""
