"""Why a download is not served: every refusal by its name."""

from typing import NamedTuple


class Reason(NamedTuple):
    """What a refusal means, and what an operator does about it: a line each."""

    meaning: str
    remedy: str


REASONS: dict[str, Reason] = {
    "unreachable": Reason("The source could not be reached.", "Check the address, DNS, proxy and firewall."),
    "tls-failed": Reason("The source could not prove who it is.", "Check its certificate and the trust store here."),
    "deadline-passed": Reason("The download took too long.", "Look at the source's load, or raise the deadline."),
    "unauthorized": Reason("The source refused the token.", "Renew the token, and check its scope and header form."),
    "not-found": Reason(
        "There is nothing at the address.", "Check the address; a private project hides from a bad token."
    ),
    "rate-limited": Reason("The source asks to come back later.", "Ask less often, or read the published package."),
    "bad-status": Reason("The source answered with an error, or in a way that is not asked for.", "Look at its logs."),
    "redirected-away": Reason("The source sends elsewhere, where the token must not go.", "Set the final address."),
    "too-large": Reason("It is larger than allowed.", "Check what is published, or raise the limit."),
    "truncated": Reason("The answer broke off.", "Look at proxies in between; the next poll tries again."),
    "empty": Reason("There is nothing in it.", "Check what is published."),
    "not-text": Reason("It is not clean UTF-8.", "Publish what roster render wrote."),
    "not-parsed": Reason("It is neither JSON nor YAML as rosters are.", "Publish what roster render wrote."),
    "wrong-shape": Reason("It is valid text of another kind.", "Check the address: a sign-in page, another file?"),
    "unknown-format": Reason(
        "A newer version of the toolkit is needed to read it.", "Upgrade it here, or publish as before."
    ),
    "rule-broken": Reason("A rule of rosters finds an error in it.", "Run roster check in the repository."),
    "wrong-environment": Reason("It is for another environment.", "Check the address, or the environment set here."),
    "older": Reason(
        "It is older than what is served.", "Publish anew; roster render --revision makes a rollback newer."
    ),
    "no-models": Reason("It offers no model.", "Check what is published; an empty list is never served."),
    "shrunk": Reason("It has lost more models than allowed at once.", "If that is meant, raise the shrink limit once."),
    "not-signed": Reason("It has no signature, and one is asked for.", "Publish the signature beside it."),
    "bad-signature": Reason("Its signature is not by a key that is trusted.", "Check the public keys set here."),
}


class Refused(Exception):
    """A download that does not replace what is served.

    Attributes:
        name: one of ``REASONS``.
        message: one sentence, without any secret.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.reason = REASONS[name]
        self.name, self.message = name, message

    def __reduce__(self) -> tuple[type["Refused"], tuple[str, str]]:
        """Let it come back from another process, whole: an exception is otherwise built from its text alone."""
        return Refused, (self.name, self.message)
