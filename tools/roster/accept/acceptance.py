"""Accept a download or refuse it by name: one path for a roster, the artifacts, and what a gateway answers.

Pure: what is handed in decides, and a refusal changes nothing. Terms, current and accepted are plain data, so another
thread or process can do the work; for a process, ``verify`` has to be picklable too.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from roster.accept.accepted import Accepted, Contents, Kind
from roster.accept.strict_json import NoJSON, parse
from roster.download.refusal import Refused
from roster.naming import listed, quote

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CALLED: dict[Kind, str] = {
    "roster": "a roster",
    "gateway": "gateway.json",
    "offered_models": "offered_models.json",
    "definitions": "the definitions",
}
GATEWAY_READS: frozenset[Kind] = frozenset({"roster", "gateway", "offered_models"})
"""What an operator can give a gateway. It answers with definitions, and takes none from another one."""


class Terms(NamedTuple):
    """On which terms a download is accepted.

    Attributes:
        environment: the one to insist on. A roster and ``offered_models.json`` name none, so they are refused then.
        max_bytes: the size of a download; of a roster, 8 MiB at most.
        max_shrink: the part of the models served now, from 0 to 1, that a new list may lose at once without saying
            that they were retired.
        allow_older: let a lower sequence replace a higher one.
        on: the day that counts as today; the retirements of a roster act by it.
        verify: raises Refused unless the bytes of a download are signed; None where no signature is asked for.
        private_endpoints: let a model's endpoint be in the gateway's own network.
        kinds: what it may be; by default what a gateway reads. At least one.
    """

    environment: str | None
    max_bytes: int
    max_shrink: float
    allow_older: bool
    on: date
    verify: Callable[[bytes], None] | None = None
    private_endpoints: bool = False
    kinds: frozenset[Kind] = GATEWAY_READS


def accept(body: bytes, terms: Terms, current: Accepted | None) -> Accepted:
    """Return what a download says, if it may replace ``current``, which is what is served now.

    Raises:
        Refused: it may not; ``current`` is to be served on.
    """
    if len(body) > terms.max_bytes:
        raise Refused("too-large", f"it has {len(body):,} bytes, and {terms.max_bytes:,} are allowed")
    if not body or body.isspace():
        raise Refused("empty", "it has no content")
    if terms.verify:  # before anything else looks into it
        terms.verify(body)
    accepted = _contents(body, terms).accepted(body)
    _hold_to_environment(accepted, terms, current)
    if current:
        _hold_to_sequence(accepted, terms, current)
        _hold_to_size(accepted, terms, current)
    return accepted


def _contents(body: bytes, terms: Terms) -> Contents:
    if body.startswith(_BYTE_ORDER_MARK):
        raise Refused("not-text", "it starts with a byte order mark")
    if b"\0" in body:
        raise Refused("not-text", "it holds NUL bytes, as UTF-16 does")
    match body.lstrip()[:1]:
        case b"<":
            raise Refused("wrong-shape", "it is HTML or XML, as a sign-in page is")
        case b"{" | b"[":
            return _json(body, terms)
    return _roster(body, terms)


def _json(body: bytes, terms: Terms) -> Contents:
    try:
        text = body.decode()
        value = parse(text)
    except UnicodeDecodeError as error:
        raise Refused("not-text", f"the byte 0x{body[error.start]:02X} in it is not UTF-8") from None
    except NoJSON as no_json:
        if body.lstrip()[:1] == b"{":
            raise
        return _roster(body, terms, no_json)  # YAML has lists in brackets, too
    kind = _kind(value, terms)
    if kind not in terms.kinds:
        wanted = listed((_CALLED[kind] for kind in sorted(terms.kinds)), word="or")
        raise Refused("wrong-shape", f"it is {_CALLED[kind]}, not {wanted}")
    if kind == "roster":
        return _roster(body, terms)
    if kind == "definitions":
        from roster.accept import definitions

        return definitions.contents_of(text, value, on=terms.on)
    from roster.accept import json_artifact

    return json_artifact.contents_of(text, value, on=terms.on, private_endpoints=terms.private_endpoints)


def _kind(value: Any, terms: Terms) -> Kind:
    """Return what a value in JSON is, or is to be held to."""
    if not isinstance(value, dict):
        return "roster" if _is_roster(value) else "offered_models"
    if "format" not in value and ("gateway" not in terms.kinds or value.keys() >= {"models", "unit_primitives"}):
        return "definitions"
    return "gateway"


def _is_roster(value: Any) -> bool:
    """Say whether a list in JSON, which is YAML as well, has a roster's models: those say how to be reached."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "identifier" in value[0]


def _roster(body: bytes, terms: Terms, no_json: NoJSON | None = None) -> Contents:
    if "roster" not in terms.kinds:
        raise no_json or Refused("wrong-shape", "it is not JSON")
    from roster.accept import yaml_roster

    try:
        document = yaml_roster.document_of(body)
    except Refused:
        if no_json:
            raise no_json from None
        raise
    return yaml_roster.contents_of(document, on=terms.on, private_endpoints=terms.private_endpoints)


def _hold_to_environment(accepted: Accepted, terms: Terms, current: Accepted | None) -> None:
    wanted = terms.environment or (current.environment if current and accepted.environment else None)
    if wanted is None or accepted.environment == wanted:
        return
    if accepted.environment is None:
        told = f"it does not say for which environment it is, and {quote(wanted)} is insisted on: gateway.json does"
        raise Refused("wrong-environment", told)
    told = f"it is for the environment {quote(accepted.environment)}, not for {quote(wanted)}"
    raise Refused("wrong-environment", told)


def _hold_to_sequence(accepted: Accepted, terms: Terms, current: Accepted) -> None:
    """Refuse what is older, or may be. Two renderings of one sequence differ when a model's last day lies between."""
    if terms.allow_older or current.sequence is None:
        return
    if accepted.sequence is None:
        raise Refused("older", f"it has no sequence, so it may be older than the one served, {current.sequence}")
    if accepted.sequence < current.sequence:
        raise Refused("older", f"its sequence is {accepted.sequence}, and {current.sequence} is served")


def _hold_to_size(accepted: Accepted, terms: Terms, current: Accepted) -> None:
    """Refuse a list that lost too many models. One that is said to be retired has not vanished by accident."""
    before = {model.id for model in current.offered_models}
    said = {model.id for model in accepted.offered_models} | {stone.id for stone in accepted.retired}
    lost = before - said
    if len(lost) > terms.max_shrink * len(before):
        told = f"{len(lost):,} of {len(before):,} models are gone and not retired"
        raise Refused("shrunk", f"{told}, and at most {terms.max_shrink:.0%} may go at once")
