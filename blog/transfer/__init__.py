"""Import and export of posts as Markdown with front matter, the demo edition, and backups of the whole site.

Posts go through publishing and never around it; a backup is taken and restored by PostgreSQL's own programs.
"""
