"""What the audit log’s verbs are called on the desk. The log itself and its exports show them as they are kept."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DEEDS = {
    "added": _("added"),
    "approval_waived": _("approval waived"),
    "approved": _("approved"),
    "changed": _("changed"),
    "changes_asked": _("changes asked"),
    "deleted": _("deleted"),
    "draft_saved": _("draft saved"),
    "merged": _("merged"),
    "moved": _("moved"),
    "published": _("published"),
    "put_back": _("put back"),
    "renamed": _("renamed"),
    "replaced": _("replaced"),
    "restored": _("restored"),
    "saved": _("saved"),
    "scheduled": _("scheduled"),
    "sent_to_review": _("sent to review"),
    "shown_whole": _("shown whole"),
    "taken_back": _("taken back"),
    "trashed": _("trashed"),
    "undone": _("undone"),
    "withdrawn": _("withdrawn"),
}


def in_words(verb: str) -> str:
    """Of a verb such as `post.draft_saved`; one that is not known is read as it is kept."""
    deed = verb.partition(".")[2] or verb
    return str(DEEDS.get(deed, deed.replace("_", " ")))
