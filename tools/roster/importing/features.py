"""Names of features for the names that other programs use, and registry entries for those that no feature has."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from roster.check.loading import load_registry
from roster.importing.report import FEATURE, Report
from roster.importing.source import SourceError
from roster.naming import derive_id, quote
from roster.registries import FEATURES, Registries
from roster.repository import toolkit_repository

_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


class FeatureNames:
    """Finds the feature for each setting of GitLab, or another program's name of it.

    Attributes:
        new: entries for ``schemas/features.yaml``, by name.
    """

    def __init__(self, key: str, registries: Registries, report: Report) -> None:
        self._key, self._registries, self._report = key, registries, report
        self._settings = {feature.setting: name for name, feature in registries.features.items()}
        self._foreign: dict[str, str] = {}
        self.new: dict[str, dict[str, Any]] = {}

    def name(self, foreign: str, unit_primitives: Sequence[str] = ()) -> str:
        """Return the feature with a setting, name or alias; a new one if no feature has it.

        Raises:
            SourceError: the same feature has another name in the source, too.
        """
        name = self._settings.get(foreign) or self._registries.feature_spellings.get(foreign)
        if name is None:
            name = self._add(foreign, unit_primitives)
        if self._foreign.setdefault(name, foreign) != foreign:
            message = f"{self._key} {quote(foreign)} and {quote(self._foreign[name])} are both the feature {name}"
            raise SourceError(f"{message}: remove one, or register both in schemas/features.yaml")
        if name == foreign:
            self._report.carried(self._key, "features", name, FEATURE)
        else:
            known = "the registry has another name for this setting"
            reason = f"{quote(foreign)} is no valid name of a feature" if name in self.new else known
            self._report.changed(self._key, "features", reason, name, FEATURE)
        if name in self.new:
            self._report.changed(self._key, FEATURES, "the registry had no such feature", name, FEATURE)
        return name

    def _add(self, foreign: str, unit_primitives: Sequence[str]) -> str:
        if own := self._of_toolkit(foreign):
            self.new[own["name"]] = own | {"unit_primitives": list(unit_primitives), "required": False}
            return str(own["name"])
        name = foreign if _NAME.fullmatch(foreign) else derive_id(foreign)
        if not _NAME.fullmatch(name):
            raise SourceError(f"{self._key} {quote(foreign)} cannot be a feature: use letters a to z and digits")
        self.new[name] = {
            "name": name,
            "title": name.replace("_", " ").replace("-", " ").capitalize(),
            **({"setting": name} if "-" not in name else {}),
            "unit_primitives": list(unit_primitives),
            "required": False,
        }
        return name

    def _of_toolkit(self, foreign: str) -> dict[str, Any] | None:
        """Return the toolkit's entry for a setting, which has a better title, if the registry can have it."""
        entry = next((each for each in self._toolkit if foreign in (each["name"], each.get("setting"))), None)
        if entry is None or entry["name"] in self._registries.feature_spellings:
            return None
        aliases = [alias for alias in entry.get("aliases", ()) if alias not in self._registries.feature_spellings]
        return {key: value for key, value in (entry | {"aliases": aliases}).items() if key != "aliases" or aliases}

    @cached_property
    def _toolkit(self) -> list[dict[str, Any]]:
        return load_registry(toolkit_repository(), FEATURES)
