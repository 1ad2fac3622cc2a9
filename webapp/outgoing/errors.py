"""Why a call did not succeed. The words are for an admin; of an address they name the host alone."""


class OutgoingRefused(Exception):
    """This call is not made, now or later: trying again can't help."""


class OutgoingFailed(Exception):
    """The other side could not be reached or did not answer as it should; it may be better later."""
