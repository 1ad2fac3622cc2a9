"""Calls to other people's servers, which may lead anywhere: only to public addresses, and only for so long.

from webapp.outgoing import OutgoingFailed, OutgoingRefused, check_url, post
"""

from webapp.outgoing.address import Target, read_url
from webapp.outgoing.call import Answer, Limits, post
from webapp.outgoing.errors import OutgoingFailed, OutgoingRefused
from webapp.outgoing.lookup import check_url

__all__ = ["Answer", "Limits", "OutgoingFailed", "OutgoingRefused", "Target", "check_url", "post", "read_url"]
