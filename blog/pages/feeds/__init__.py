"""Feeds of the site and of everything that lists posts, as RSS, Atom and JSON Feed, and the list of them as OPML.

A feed holds the newest posts whole. Its ids never change, whatever happens to slugs, categories or the domain. Nothing
here ever shows a post that is not live at the instant of the request.
"""
