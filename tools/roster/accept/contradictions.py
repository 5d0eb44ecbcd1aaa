"""Consistency of downloads: each sentence names ids of a download that contradict each other."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roster.accept.accepted_list import tombstones
from roster.download.rejection import Rejected
from roster.naming import quote
from roster.secret_redaction import redact_message


def reject_contradictions(contradictions: Iterable[str]) -> None:
    """Reject a download for its first contradiction."""
    for contradiction in contradictions:
        raise Rejected("rule-broken", redact_message(contradiction))


def list_contradictions(envelope: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each contradiction between the offered models and the other ids of a download."""
    offered = {model["id"]: frozenset(model["features"]) for model in envelope["offered_models"]}
    suspended = {model["id"] for model in envelope.get("suspended", ())}
    listed = {*offered, *suspended, *(tombstone["id"] for tombstone in tombstones(envelope))}
    yield from _of_tombstones(tombstones(envelope), offered, listed)
    yield from (f"{quote(id_)} is suspended, but still offered" for id_ in sorted(suspended & offered.keys()))
    for alias, id_ in envelope.get("aliases", {}).items():
        if alias in listed:
            yield f"{quote(alias)} is an earlier id of {quote(id_)}, and also the id of a model"
        if id_ not in listed:
            yield f"{quote(alias)} is an earlier id of {quote(id_)}, which is not in this list"
    for feature, shares in envelope.get("default_shares", {}).items():
        yield from _of_shares(feature, shares, envelope["defaults"].get(feature), offered)


def _of_tombstones(
    tombstones: list[dict[str, Any]], offered: Mapping[str, frozenset[str]], listed: set[str]
) -> Iterator[str]:
    for tombstone in tombstones:
        id_, replacement = tombstone["id"], tombstone["replacement"]
        if replacement is not None and (replacement == id_ or replacement not in listed):
            yield f"{quote(id_)} is retired, but its replacement {quote(replacement)} is not another model of this list"
        served = offered.get(id_, frozenset())
        if not served.isdisjoint(tombstone.get("features", served)):
            yield f"{quote(id_)} is retired, but still offered"


def _of_shares(
    feature: str, shares: Mapping[str, int], default: str | None, offered: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    for id_ in shares:
        if feature not in offered.get(id_, ()):
            yield f"{quote(id_)} has a share of {quote(feature)}, which it does not serve"
    if default is None or shares.get(default) != max(shares.values()):
        yield f"the default of {quote(feature)} does not have the largest share"
