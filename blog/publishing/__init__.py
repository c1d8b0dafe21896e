"""The verbs that touch several rows, files or the queue: save, publish, withdraw, rename, make renditions.

This room never reads a request and never returns a response.
"""
