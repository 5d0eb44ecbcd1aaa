"""Retirement of a model in one environment: its terms, and the edits that write them.

Terms that are not requested follow from an announced retirement, the environment's policy and the provider's end.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from roster.authoring.default_move import has_readable_defaults, move_default, move_violations
from roster.authoring.retirement_parts import Part, is_same, joined
from roster.edit.editor import Editor
from roster.edit.verbatim import Verbatim
from roster.model import UNREADABLE_FEATURE, Model, Retirement, comparable, days_after
from roster.provider_facts import ProviderFacts
from roster.registries import Environment
from roster.roster import Roster

PROVIDER = "provider"
"""The value of ``forced_by`` for a provider that gives less notice than the environment requires."""


class Request(NamedTuple):
    """The requested terms of a retirement; None for those that are not requested.

    Attributes:
        features: the features that retire; empty for all that have not retired yet.
        at_provider_end: whether the last day is the last one at the provider, not the one after the notice period.
        moves_default: whether the replacement becomes the default of the features at once.
    """

    features: tuple[str, ...] = ()
    last_day: date | None = None
    replacement: str | None = None
    notice: date | None = None
    at_provider_end: bool = False
    moves_default: bool = False


class RetiringModel(NamedTuple):
    """A model that is to be retired in one environment.

    Attributes:
        facts: the provider facts of the model, if there are any.
        notice_days: the notice that a new retirement gives unless the provider ends the model before; at least what
            the environment's policy requires.
        provider_ends: the ends of the roster's models at their providers, by id, where they are known and fixed.
    """

    roster: Roster
    model: Model
    policy: Environment
    facts: ProviderFacts | None
    notice_days: int
    today: date
    provider_ends: Mapping[str, date] = {}

    @property
    def is_readable(self) -> bool:
        """Whether the retirements and defaults of the model can be read, and so be changed."""
        return (
            UNREADABLE_FEATURE not in (*self.model.features, *self.model.retiring_features())
            and self.model.entry.get("retirement", "") is not None
            and all(each.notice and each.last_day and each.replacement != "" for each in self.model.retirements)
            and has_readable_defaults(self.model)
        )

    def move_violations(self, request: Request) -> Iterator[str]:
        """Yield why the requested moves of defaults are not possible."""
        for id_, features in self.replacements(request).items() if request.moves_default else ():
            if id_:
                yield from move_violations(self.roster, self.model, id_, features, self.policy)

    def features(self, request: Request) -> tuple[str, ...]:
        """Return the requested features that have not retired yet."""
        remaining = self.model.remaining_features(self.today)
        return tuple(feature for feature in remaining if not request.features or feature in request.features)

    def days_left(self) -> int:
        """Return in how many days the provider ends the model."""
        return (self.facts.ends - self.today).days if self.facts and self.facts.ends else date.max.toordinal()

    @property
    def latest(self) -> date | None:
        """The last day on which the provider answers; None if it names no end."""
        return self.facts.last_day if self.facts else None

    @property
    def is_ending(self) -> bool:
        """Whether the provider ends the model on a known day."""
        return self.latest is not None

    def outlives_provider(self) -> bool:
        """Return whether a feature would still be offered after the provider's end."""
        return self.is_ending and self.changes(Request(at_provider_end=True))

    def changes(self, request: Request) -> bool:
        """Return whether a request changes the retirements."""
        value = self.value(request) if self.features(request) else self.model.entry.get("retirement")
        return comparable(value) != comparable(self.model.entry.get("retirement"))

    def value(self, request: Request) -> Any:
        """Return the new value of ``retirement``: a mapping, or a list of them."""
        wanted = self.features(request)
        parts: list[Part] = []
        for retirement, entry in zip(self.model.retirements, self._entries(), strict=True):
            ending = self.model.ending_features(retirement)
            new = self._terms(request, retirement, entry)
            taken = [feature for feature in ending if feature in wanted] if not is_same(new, entry) else []
            parts.append(Part(entry, [feature for feature in ending if feature not in taken], is_new=False))
            parts.append(Part(new, taken))
        parts.append(Part(self._terms(request, Retirement(), {}), self.unannounced(request)))
        return self._written(joined(part for part in parts if part.features))

    def last_day(self, request: Request) -> date:
        """Return the last day of features that do not retire yet."""
        notice, latest = request.notice or self.today, self.latest
        if request.last_day or latest is None:
            return request.last_day or days_after(notice, self.notice_days)
        day = latest if request.at_provider_end else min(latest, days_after(notice, self.notice_days))
        return max(day, notice)

    def replacements(self, request: Request) -> dict[str, list[str]]:
        """Return the features of each requested or announced replacement; those without one at the empty key."""
        features: dict[str, list[str]] = {}
        for feature in self.features(request):
            announced = self.model.retirement_of(feature)
            id_ = request.replacement or (announced and announced.replacement) or ""
            model = self.roster.find(id_)
            features.setdefault(model.id if model else id_, []).append(feature)
        return features

    def without_fallback(self, request: Request) -> list[str]:
        """Return the features that neither a replacement nor another default takes over."""
        features = self.replacements(request).get("", [])
        return [feature for feature in features if not self.other_defaults(feature, request)]

    def unannounced(self, request: Request) -> list[str]:
        """Return the features whose retirement is not announced yet."""
        announced = set(self.model.retiring_features())
        return [feature for feature in self.features(request) if feature not in announced]

    def other_defaults(self, feature: str, request: Request) -> set[str]:
        """Return the other models that are a default of a feature on the day after its last day, if they answer."""
        day_after = days_after(self.last_day_of(feature, request), 1)
        others = self.roster.default_shares(feature, day_after).keys() - {self.model.id}
        if not others:  # a default that retires before must move to its replacement by then
            defaults = (each for each in self.roster.defaults.get(feature, ()) if each.id != self.model.id)
            successors = (self.roster.successor(default, feature, day_after) for default in defaults)
            others = {successor.id for successor in successors if successor and successor.id != self.model.id}
        return {id_ for id_ in others if not self.has_ended(id_, day_after)}

    def last_day_of(self, feature: str, request: Request) -> date:
        """Return the last day of a feature, as far as the request or an announced retirement says it."""
        announced = self.model.retirement_of(feature)
        return request.last_day or (announced and announced.last_day) or self.last_day(request)

    def has_ended(self, id_: str, on: date) -> bool:
        """Return whether the provider of a model in the roster no longer answers on a day."""
        return self.provider_ends.get(id_, date.max) <= on

    def write(self, request: Request, data: bytes) -> bytes:
        """Return the roster with the retirement; first, the default moves if that is requested.

        Raises:
            ConfigurationError: the model must be changed by hand.
        """
        if request.moves_default:
            for replacement, features in self.replacements(request).items():
                if replacement:
                    data = move_default(self.roster, self.model, replacement, features, data)
        if not self.changes(request):
            return data
        changes = {"retirement": Verbatim(self.value(request))}
        return Editor(self.roster.path, data).update_model(self.model.position, changes)

    def _entries(self) -> list[Mapping[str, Any]]:
        entry = self.model.entry.get("retirement") or []
        return entry if isinstance(entry, list) else [entry]

    def _terms(self, request: Request, announced: Retirement, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return the terms of a retirement, with its features: those of an announced one where none are requested."""
        notice = request.notice or announced.notice or self.today
        last_day = request.last_day or announced.last_day or self.last_day(request)
        if self.latest and last_day > self.latest and not request.last_day:
            last_day = max(self.latest, request.notice or self.today)
            notice = min(notice, request.notice or self.today)
        is_moved = (notice, last_day) != (announced.notice, announced.last_day)
        forced_by = self._forced_by(notice, last_day) if is_moved else announced.forced_by
        terms = {
            "notice": notice.isoformat(),
            "last_day": last_day.isoformat(),
            "replacement": request.replacement or announced.replacement,
            "forced_by": forced_by,
        }
        own_keys = {key: value for key, value in entry.items() if key not in Retirement._fields}
        return {key: value for key, value in {**terms, **own_keys}.items() if value is not None}

    def _forced_by(self, notice: date, last_day: date) -> str | None:
        required, latest = self.policy.retirement_notice_days, self.latest
        if latest is None or last_day < latest or (last_day - notice).days >= required:
            return None
        return PROVIDER if self.facts and self.facts.cut_short(notice, required) else None

    def _written(self, parts: list["Part"]) -> Any:
        """Return the parts as the file has them: features are named unless one retirement ends all."""
        is_only = len(parts) == 1 and set(parts[0].features) >= set(self.model.features)
        entries = [part.entry(names_features=not is_only, model=self.model) for part in parts]
        return entries if len(entries) > 1 or isinstance(self.model.entry.get("retirement"), list) else entries[0]
