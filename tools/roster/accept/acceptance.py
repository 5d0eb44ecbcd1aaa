"""Acceptance of a download: one path for rosters, artifacts, and what gateways serve.

Acceptance is a pure function; a rejection changes nothing. Its arguments and its result are plain data, so it can run
in another thread or process.
"""

from datetime import date
from typing import Any, NamedTuple

from roster.accept.accepted_list import AcceptedList, DownloadKind
from roster.accept.strict_json import InvalidJson, parse
from roster.download.rejection import Rejected
from roster.naming import join_names, quote
from roster.publishing.sequence import is_from_future

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KIND_NAMES: dict[DownloadKind, str] = {
    "roster": "a roster",
    "gateway": "gateway.json",
    "offered_models": "offered_models.json",
    "definitions": "the definitions",
}
GATEWAY_KINDS: frozenset[DownloadKind] = frozenset({"roster", "gateway", "offered_models"})
"""What a gateway accepts. It serves definitions, but does not read those of another gateway."""


class AcceptanceCriteria(NamedTuple):
    """Criteria that a download must meet.

    Attributes:
        environment: the required one; rosters and ``offered_models.json`` name none, so they are rejected if it is set.
        max_bytes: the largest size; for rosters, at most 8 MiB.
        max_shrink: the share of the served models, from 0 to 1, that may disappear at once without being retired.
        allow_older: accept a lower sequence than that of the current list.
        on: the current date, which decides which retirements of a roster are in effect.
        private_endpoints: accept endpoints in private networks.
        kinds: which kinds of downloads are accepted; at least one.
    """

    environment: str | None
    max_bytes: int
    max_shrink: float
    allow_older: bool
    on: date
    private_endpoints: bool = False
    kinds: frozenset[DownloadKind] = GATEWAY_KINDS


def accept(body: bytes, criteria: AcceptanceCriteria, current: AcceptedList | None) -> AcceptedList:
    """Return the list that a download holds, if it may replace ``current``, the list served now.

    Raises:
        Rejected: it may not; the caller continues to serve ``current``.
    """
    if len(body) > criteria.max_bytes:
        raise Rejected("too-large", f"it has {len(body):,} bytes, but at most {criteria.max_bytes:,} are allowed")
    if not body or body.isspace():
        raise Rejected("empty", "it is empty")
    try:
        accepted = _parse(body, criteria)
    except RecursionError:
        raise Rejected("not-parsed", "it is nested too deeply") from None
    _check_environment(accepted, criteria, current)
    _check_date_of_sequence(accepted, criteria.on)
    if current:
        _check_sequence(accepted, criteria, current)
        _check_shrink(accepted, criteria, current)
    return accepted


def _parse(body: bytes, criteria: AcceptanceCriteria) -> AcceptedList:
    if body.startswith(_BYTE_ORDER_MARK):
        raise Rejected("not-text", "it starts with a byte order mark")
    if b"\0" in body:
        raise Rejected("not-text", "it contains NUL bytes, as UTF-16 text does")
    match body.lstrip()[:1]:
        case b"<":
            raise Rejected("wrong-shape", "it is HTML or XML, such as a sign-in page")
        case b"{" | b"[":
            return _parse_json(body, criteria)
    return _parse_roster(body, criteria)


def _parse_json(body: bytes, criteria: AcceptanceCriteria) -> AcceptedList:
    try:
        text = body.decode()
        value = parse(text)
    except UnicodeDecodeError as error:
        raise Rejected("not-text", f"it contains the byte 0x{body[error.start]:02X}, which is not UTF-8") from None
    except InvalidJson as error:
        if body.lstrip()[:1] == b"{":
            raise
        return _parse_roster(body, criteria, error)  # YAML has lists in brackets, too
    kind = _kind_of(value, criteria)
    if kind not in criteria.kinds:
        expected = join_names((_KIND_NAMES[kind] for kind in sorted(criteria.kinds)), word="or")
        raise Rejected("wrong-shape", f"it is {_KIND_NAMES[kind]}, not {expected}")
    if kind == "roster":
        return _parse_roster(body, criteria)
    if kind == "definitions":
        from roster.accept import definitions

        return definitions.accept_definitions(body, value, on=criteria.on)
    from roster.accept import json_artifact

    return json_artifact.accept_artifact(
        body, text, value, on=criteria.on, private_endpoints=criteria.private_endpoints
    )


def _kind_of(value: Any, criteria: AcceptanceCriteria) -> DownloadKind:
    """Return the kind of a JSON value; the kind it is validated as, if it is malformed."""
    if isinstance(value, list):
        # A JSON list is valid YAML as well; only models of rosters have identifiers.
        is_roster = bool(value) and isinstance(value[0], dict) and "identifier" in value[0]
        return "roster" if is_roster else "offered_models"
    if "format" not in value and ("gateway" not in criteria.kinds or value.keys() >= {"models", "unit_primitives"}):
        return "definitions"
    return "gateway"


def _parse_roster(body: bytes, criteria: AcceptanceCriteria, json_error: InvalidJson | None = None) -> AcceptedList:
    if "roster" not in criteria.kinds:
        raise json_error or Rejected("wrong-shape", "it is not JSON")
    from roster.accept import yaml_roster

    try:
        document = yaml_roster.parse_document(body)
    except Rejected:
        if json_error:
            raise json_error from None
        raise
    return yaml_roster.accept_roster(body, document, on=criteria.on, private_endpoints=criteria.private_endpoints)


def _check_environment(accepted: AcceptedList, criteria: AcceptanceCriteria, current: AcceptedList | None) -> None:
    required = criteria.environment or (current.environment if current and accepted.environment else None)
    if required is None or accepted.environment == required:
        return
    if accepted.environment is None:
        message = f"it names no environment, but {quote(required)} is required; gateway.json names its environment"
    else:
        message = f"it is for environment {quote(accepted.environment)}, not {quote(required)}"
    raise Rejected("wrong-environment", message)


def _check_date_of_sequence(accepted: AcceptedList, on: date) -> None:
    """Reject a list that would shut out all later ones."""
    if accepted.sequence is not None and is_from_future(accepted.sequence, on):
        raise Rejected(
            "future-sequence",
            f"its sequence {quote(accepted.sequence)} cannot be from {on} or earlier: check this machine's clock, "
            "and render the file again",
        )


def _check_sequence(accepted: AcceptedList, criteria: AcceptanceCriteria, current: AcceptedList) -> None:
    """Reject a list that is or may be older.

    Equal sequences are accepted: two renderings of one commit differ if a model's last day is between them.
    """
    if criteria.allow_older or current.sequence is None:
        return
    if accepted.sequence is None:
        raise Rejected(
            "older", f"it has no sequence, so it may be older than the served list with sequence {current.sequence}"
        )
    if accepted.sequence < current.sequence:
        raise Rejected(
            "older", f"its sequence {accepted.sequence} is lower than {current.sequence}, that of the served list"
        )


def _check_shrink(accepted: AcceptedList, criteria: AcceptanceCriteria, current: AcceptedList) -> None:
    """Reject a list that lost too many models: retired, suspended and renamed ones were not removed by accident."""
    before = {model.id for model in current.offered_models}
    explained = {
        model.id for models in (accepted.retired, accepted.suspended) for model in models
    } | accepted.aliases.keys()
    removed = before - {model.id for model in accepted.offered_models} - explained
    if len(removed) > criteria.max_shrink * len(before):
        message = f"{len(removed):,} of {len(before):,} models are missing without being retired"
        raise Rejected("shrunk", f"{message}, but at most {criteria.max_shrink:.0%} may disappear at once")
