"""A supply as it runs: the source's download, its acceptance, and the store, for the settings of one gateway."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from roster.accept.acceptance import Terms
from roster.accept.accepted import Accepted
from roster.accept.child_process import accept_where_it_fits
from roster.cache.store import Kept, Store, not_older
from roster.download.download_settings import Settings
from roster.download.download_variables import PREFIX
from roster.download.fetch import Waits, fetch
from roster.download.refusal import Refused
from roster.findings import ConfigurationError
from roster.gateway.list_updater import Supply, utc_now
from roster.publishing.signature import BadSignature, key_id, verify

_REAL = Waits()


def supply_of(settings: Settings, waits: Waits = _REAL, now: Callable[[], datetime] = utc_now) -> Supply:
    """Return the supply of a gateway. It has asked nobody yet.

    Raises:
        ConfigurationError: a public key is none; otherwise every download would be refused for it.
    """
    try:
        for key in settings.public_keys:
            key_id(key.encode())
    except ConfigurationError as error:
        raise ConfigurationError(f"{PREFIX}PUBLIC_KEYS is of no use: {error}") from None
    # Where an older list may be served it may be kept, too: a restart must not undo a rollback.
    return Supply(
        lambda etag: fetch(settings, etag, waits),
        partial(accept_for, settings),
        Store.open(settings.cache_folder, settings.url, settings.environment),
        replaces=_always if settings.allow_older else not_older,
        now=now,
    )


def _always(_new: Kept, _old: Kept) -> bool:
    return True


def accept_for(
    settings: Settings, body: bytes, signature: bytes | None, current: Accepted | None, on: date
) -> Accepted:
    """Return what a download says, if the settings let it replace ``current``.

    Raises:
        Refused: they do not.
    """
    if settings.public_keys:
        _hold_to_signature(settings.public_keys, body, signature)
    terms = Terms(
        settings.environment,
        settings.max_bytes,
        settings.max_shrink,
        settings.allow_older,
        on,
        private_endpoints=settings.private_endpoints,
    )
    return accept_where_it_fits(body, terms, current)


def _hold_to_signature(keys: tuple[str, ...], body: bytes, signature: bytes | None) -> None:
    if signature is None:
        raise Refused("not-signed", "there is no signature beside it")
    try:
        verify([key.encode() for key in keys], body, signature)
    except BadSignature as bad:
        raise Refused("bad-signature", str(bad)) from None
