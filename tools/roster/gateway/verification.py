"""Signature verification and acceptance of a download, as the settings configure them."""

from datetime import date

from roster.accept.acceptance import AcceptanceCriteria
from roster.accept.accepted_list import AcceptedList
from roster.accept.child_process import accept_without_blocking
from roster.download.download_result import Download
from roster.download.download_settings import PUBLIC_KEYS, DownloadSettings
from roster.download.rejection import Rejected
from roster.findings import ConfigurationError
from roster.publishing.signature import BadSignature, key_id, verify


def require_valid_keys(keys: tuple[str, ...]) -> None:
    """Raise a ConfigurationError if a public key is invalid, which would make every download fail."""
    try:
        for key in keys:
            key_id(key.encode())
    except ConfigurationError as error:
        raise ConfigurationError(f"{PUBLIC_KEYS} is invalid: {error}") from None


def verify_and_accept(
    settings: DownloadSettings, download: Download, current: AcceptedList | None, on: date
) -> AcceptedList:
    """Verify the signature of a download if public keys are configured, then accept it.

    Raises:
        Rejected: the download must not replace ``current``.
    """
    if settings.public_keys:
        _verify_signature(settings.public_keys, download)
    criteria = AcceptanceCriteria(
        settings.environment,
        settings.max_bytes,
        settings.max_shrink,
        settings.allow_older,
        on,
        private_endpoints=settings.private_endpoints,
    )
    return accept_without_blocking(download.body, criteria, current)


def _verify_signature(keys: tuple[str, ...], download: Download) -> None:
    if download.signature is None:
        raise Rejected("not-signed", "there is no signature next to the file")
    try:
        verify([key.encode() for key in keys], download.body, download.signature)
    except BadSignature as error:
        raise Rejected("bad-signature", str(error)) from None
