"""Which features GitLab's unit_primitives.yml offers models for, and how."""

from collections.abc import Mapping, Sequence
from typing import Any

from roster.importing.features import FeatureNames
from roster.importing.gitlab.lists import KEY, check_lists, default_models, listed_models
from roster.importing.release_states import release_states
from roster.importing.report import FEATURE, Report
from roster.importing.source import Source
from roster.model import ReleaseState
from roster.naming import quote
from roster.render.default_weights import in_order, shares_of
from roster.schema.foreign_keys import UNIT_PRIMITIVES_YML

_LIST_KEYS = "selectable_models, beta_models, dev"
_FIRST_AHEAD = "of equal defaults, the first gets one percent more, so that it remains the first"


class Offers:
    """The features of unit_primitives.yml.

    Attributes:
        listed: the ``gitlab_identifier`` of each model that serves a feature, with the state for each of its features.
        deprecations: by ``gitlab_identifier``, the announcement for each feature that the model alone retires from.
        sources: the entry of each feature in the file.
    """

    def __init__(self, models: Sequence[str], names: FeatureNames, report: Report) -> None:
        self.listed: dict[str, dict[str, ReleaseState]] = {}
        self.deprecations: dict[str, dict[str, Mapping[str, Any]]] = {}
        self.sources: dict[str, Mapping[str, Any]] = {}
        self._models, self._names, self._report = dict.fromkeys(models), names, report
        self._shares: dict[str, dict[str, int]] = {}

    @classmethod
    def of(cls, source: Source, models: Sequence[str], names: FeatureNames, report: Report) -> "Offers":
        """Read the features.

        ``models``: the ``gitlab_identifier`` of each model, in the order of models.yml.

        Raises:
            SourceError: the file is no such file, or a list names a model that models.yml does not have.
        """
        offers = cls(models, names, report)
        for position, entry in enumerate(source.require_mapping(KEY, UNIT_PRIMITIVES_YML.title)[KEY]):
            name = offers._feature(source, position, entry)
            offers._add_defaults(source, position, name)
            offers._add_lists(name, entry)
        return offers

    @property
    def new_features(self) -> Mapping[str, dict[str, Any]]:
        """The entries of the features that the registry lacks, by name."""
        return self._names.new

    def of_model(self, identifier: str, id_: str) -> dict[str, Any]:
        """Return ``release_state``, ``release_state_for``, ``features`` and ``default_for`` of a model."""
        states = self.listed[identifier]
        shares = {name: shares[identifier] for name, shares in self._shares.items() if identifier in shares}
        self._report.carried(_LIST_KEYS, "features, release_state", id_)
        values = release_states(states) | {"features": list(states)}
        if "release_state_for" in values:
            self._report.carried(_LIST_KEYS, "release_state_for", id_)
        if shares:
            self._report.carried("default_models", "default_for", id_)
            values["default_for"] = list(shares) if set(shares.values()) == {100} else shares
        return values

    def _feature(self, source: Source, position: int, entry: Any) -> str:
        """Return the name of a feature, once its entry has been checked."""
        setting = entry.get("feature_setting") if isinstance(entry, dict) else None
        if not isinstance(setting, str) or not setting:
            raise source.error("a unit primitive needs a feature_setting, as text", KEY, position)
        check_lists(source, position, self._models)
        name = self._names.name(setting, entry.get("unit_primitives") or ())
        if name in self.sources:
            raise source.error(f"the feature_setting {quote(setting)} is there twice: remove one", KEY, position)
        self.sources[name] = entry
        return name

    def _add_defaults(self, source: Source, position: int, name: str) -> None:
        shares = shares_of(default_models(self.sources[name]))
        if shares is None:
            message = "default_models must be a list of models, either all with a weight or none"
            raise source.error(message, KEY, position)
        self._shares[name] = in_order(shares, self._models)
        if self._shares[name] != shares:
            self._report.changed("default_models", "default_for", _FIRST_AHEAD, name, FEATURE)
        for identifier in shares:
            self.listed.setdefault(identifier, {})[name] = ReleaseState.GA

    def _add_lists(self, name: str, entry: Mapping[str, Any]) -> None:
        for identifier, state in listed_models(entry):
            states = self.listed.setdefault(identifier, {})
            if states.setdefault(name, state) is not state:
                reason = f"{name} lists it in several, and the first one counts"
                self._report.changed(_LIST_KEYS, "release_state", reason, identifier)
        for each in entry.get("deprecated_models") or ():
            self.deprecations.setdefault(each["identifier"], {})[name] = each
