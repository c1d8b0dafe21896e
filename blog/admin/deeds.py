"""What the audit log’s verbs are called on the desk. The log itself and its exports show them as they are kept."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

DEEDS = {
    "add_authors": _("authors added to several"),
    "add_categories": _("categories added to several"),
    "add_tags": _("tags added to several"),
    "added": pgettext_lazy("deed", "added"),
    "approval_waived": _("approval waived"),
    "approved": _("approved"),
    "changed": _("changed"),
    "changes_asked": _("changes asked"),
    "code_failed": _("a wrong code given"),
    "codes_renewed": _("recovery codes made anew"),
    "confirmed": _("confirmed by password"),
    "delayed": _("signing in slowed down"),
    "deleted": _("deleted"),
    "draft_discarded": _("draft discarded"),
    "draft_saved": _("draft saved"),
    "draft_scheduled": _("draft scheduled"),
    "draft_unscheduled": _("draft no longer scheduled"),
    "ended": _("signed out"),
    "ended_everywhere": _("signed out everywhere"),
    "enrolled": _("a second factor set up"),
    "failed": _("signing in refused"),
    "level": _("level of several changed"),
    "made": _("made"),
    "merged": _("merged"),
    "moved": _("moved"),
    "publish": _("several published"),
    "published": _("published"),
    "put_back": _("put back"),
    "remove_categories": _("categories taken from several"),
    "remove_tags": _("tags taken from several"),
    "removed": _("the second factor removed"),
    "renamed": _("renamed"),
    "replaced": _("replaced"),
    "restored": _("restored"),
    "revoked": _("revoked"),
    "rights_changed": _("rights changed"),
    "saved": _("saved"),
    "schedule": _("several scheduled"),
    "scheduled": _("scheduled"),
    "sent_to_review": _("sent to review"),
    "shown_whole": _("shown whole"),
    "succeeded": _("signed in"),
    "taken_back": _("taken back"),
    "trash": _("several trashed"),
    "trashed": _("trashed"),
    "undone": _("undone"),
    "withdraw": _("several withdrawn"),
    "withdrawn": _("withdrawn"),
}


def in_words(verb: str) -> str:
    """Of a verb such as `post.draft_saved`; one that is not known is read as it is kept."""
    deed = verb.partition(".")[2] or verb
    return str(DEEDS.get(deed, deed.replace("_", " ")))
