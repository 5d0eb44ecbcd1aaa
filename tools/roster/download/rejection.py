"""Why a download is not served: every refusal by its name."""

from typing import NamedTuple


class Explanation(NamedTuple):
    """What a rejection reason means, and what an operator can do about it: one line each."""

    meaning: str
    remedy: str


REASONS: dict[str, Explanation] = {
    "unreachable": Explanation("The source could not be reached.", "Check the address, DNS, proxy and firewall."),
    "tls-failed": Explanation(
        "The source could not prove who it is.", "Check its certificate and the trust store here."
    ),
    "deadline-passed": Explanation("The download took too long.", "Look at the source's load, or raise the deadline."),
    "unauthorized": Explanation(
        "The source refused the token.", "Renew the token, and check its scope and header form."
    ),
    "not-found": Explanation(
        "There is nothing at the address.", "Check the address; a private project hides from a bad token."
    ),
    "rate-limited": Explanation(
        "The source asks to come back later.", "Ask less often, or read the published package."
    ),
    "bad-status": Explanation(
        "The source answered with an error, or in a way that is not asked for.", "Look at its logs."
    ),
    "redirected-away": Explanation(
        "The source sends elsewhere, where the token must not go.", "Set the final address."
    ),
    "too-large": Explanation("It is larger than allowed.", "Check what is published, or raise the limit."),
    "truncated": Explanation("The answer broke off.", "Look at proxies in between; the next poll tries again."),
    "empty": Explanation("There is nothing in it.", "Check what is published."),
    "not-text": Explanation("It is not clean UTF-8.", "Publish what roster render wrote."),
    "not-parsed": Explanation("It is neither JSON nor YAML as rosters are.", "Publish what roster render wrote."),
    "wrong-shape": Explanation("It is valid text of another kind.", "Check the address: a sign-in page, another file?"),
    "unknown-format": Explanation(
        "A newer version of the toolkit is needed to read it.", "Upgrade it here, or publish as before."
    ),
    "rule-broken": Explanation("A rule of rosters finds an error in it.", "Run roster check in the repository."),
    "wrong-environment": Explanation(
        "It is for another environment.", "Check the address, or the environment set here."
    ),
    "older": Explanation(
        "It is older than what is served.", "Publish anew; roster render --revision makes a rollback newer."
    ),
    "no-models": Explanation("It offers no model.", "Check what is published; an empty list is never served."),
    "shrunk": Explanation(
        "It has lost more models than allowed at once.", "If that is meant, raise the shrink limit once."
    ),
    "not-signed": Explanation("It has no signature, and one is asked for.", "Publish the signature beside it."),
    "bad-signature": Explanation("Its signature is not by a key that is trusted.", "Check the public keys set here."),
}


class Rejected(Exception):
    """A download that must not replace the served list.

    Attributes:
        reason: one of ``REASONS``.
        message: one sentence, without any secret.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.explanation = REASONS[reason]
        self.reason, self.message = reason, message

    def __reduce__(self) -> tuple[type["Rejected"], tuple[str, str]]:
        """Pickle with both arguments: by default an exception is rebuilt from its text alone."""
        return Rejected, (self.reason, self.message)
