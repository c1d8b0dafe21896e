"""Every page as Markdown, for readers that are programs: at its address with `.md` in the place of the last slash, and
at its own address for whoever prefers `text/markdown`. And `/llms.txt`, which lists them.

A page has one view, one context and two renderers, its template and a writer of this package: what the one may not
show, the other can't. Nothing here asks the database for what the page's view has not, but for a post's source.
"""
