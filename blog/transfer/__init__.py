"""Import and export of posts as Markdown with front matter, and the demo edition.

This room goes through publishing and never around it.
"""
