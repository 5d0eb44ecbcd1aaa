"""Rejections: why a download does not replace the served list, by reason code."""

from typing import NamedTuple


class Explanation(NamedTuple):
    """What a rejection reason means, and what an operator can do about it: one line each."""

    meaning: str
    remedy: str


REASONS: dict[str, Explanation] = {
    "unreachable": Explanation("The source could not be reached.", "Check the address, DNS, proxy and firewall."),
    "tls-failed": Explanation("The source's TLS certificate is not trusted.", "Check certificate and trust store."),
    "deadline-passed": Explanation(
        "The download exceeded the deadline.", "Check the source's load, or raise the deadline."
    ),
    "unauthorized": Explanation("The source rejected the token.", "Renew the token, and check its scope and header."),
    "not-found": Explanation("There is no file at the URL.", "Check the URL, and the token's access to the project."),
    "rate-limited": Explanation(
        "The source limits the rate of requests.", "Poll less often, or use the package registry."
    ),
    "bad-status": Explanation("The source sent an error or an unusable response.", "Check the logs of the source."),
    "redirected-away": Explanation(
        "The source redirects to another origin.", "Configure the final URL; the token is not sent there."
    ),
    "token-repeated": Explanation(
        "The source repeats the token in its response.", "Replace the token, and check the source."
    ),
    "too-large": Explanation("The file is larger than allowed.", "Check the published file, or raise the limit."),
    "too-complex": Explanation(
        "Checking the file takes too long or too much memory.",
        "Check the published file: lists of models are much smaller or simpler.",
    ),
    "truncated": Explanation("The response was cut off.", "Check proxies in between; the next poll retries."),
    "empty": Explanation("The file is empty.", "Check the published file."),
    "not-text": Explanation("The file is not valid UTF-8 text.", "Publish the output of roster render."),
    "not-parsed": Explanation("The file is neither strict JSON nor a roster.", "Publish the output of roster render."),
    "wrong-shape": Explanation("The file is not a list of models.", "Check the URL: is it a sign-in page?"),
    "unknown-format": Explanation(
        "The file needs a newer toolkit.", "Upgrade the toolkit, or publish the previous format."
    ),
    "rule-broken": Explanation("The file breaks a rule for rosters.", "Run roster check in the repository."),
    "wrong-environment": Explanation(
        "The file is for another environment.", "Check the URL and the configured environment."
    ),
    "older": Explanation(
        "The file is older than the served list.",
        "Publish a newer one (roll back with roster render --revision), or set MODEL_SWITCHING_METADATA_ALLOW_OLDER.",
    ),
    "future-sequence": Explanation(
        "The file's sequence is dated in the future.", "Check this machine's clock, and render the file again."
    ),
    "no-models": Explanation("The file offers no models.", "Check the published file; empty lists are not served."),
    "shrunk": Explanation("Too many models disappeared at once.", "If intended, raise the shrink limit temporarily."),
    "not-signed": Explanation("The required signature is missing.", "Publish the signature next to the file."),
    "bad-signature": Explanation("The signature is not from a trusted key.", "Check the configured public keys."),
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
