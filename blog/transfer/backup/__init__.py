"""One file that holds a whole site, the site made anew from it, and the proof that this works.

`making.backup`, `restoring.restore` and `verifying.verify`; the commands of the same names print what these do. An
archive is a plain tar, so that `tar xf` opens it on a machine that has nothing else.
"""
