"""The providers' identifiers of models, from a second file that has them."""

from collections.abc import Mapping, Sequence

from roster.importing.gitlab_models import identifier_of
from roster.importing.litellm_deployments import read_deployments
from roster.importing.providers import prefix_of_title
from roster.importing.report import Report
from roster.importing.source import Source, SourceError
from roster.naming import quote
from roster.registries import Registries
from roster.schema.foreign_keys import LITELLM, MODELS_YML

_NO_IDENTIFIERS = "definitions have no identifiers: replace the placeholders, or add a second file that has them"
_UNKNOWN_PREFIX = "<provider>/"


class Identifiers:
    """Finds the identifier of a model by its public id; a placeholder without a second file."""

    def __init__(self, by_id: Mapping[str, str] | None, name: str, registries: Registries) -> None:
        self._by_id, self._name, self._registries = by_id, name, registries

    @classmethod
    def of(cls, sources: Sequence[Source], registries: Registries) -> "Identifiers":
        """Read the second file, if there is one.

        Raises:
            SourceError: it is neither models.yml nor a configuration of LiteLLM.
        """
        if not sources:
            return cls(None, "", registries)
        (source,) = sources
        value = source.value
        if isinstance(value, dict) and isinstance(value.get("model_list"), list):
            by_id: dict[str, str] = {}
            for deployment in read_deployments(source, Report()):
                by_id.setdefault(deployment.name, deployment.model)
            return cls(by_id, source.name, registries)
        if isinstance(value, dict) and isinstance(value.get("models"), list):
            positions = {str(model.get("gitlab_identifier")): at for at, model in enumerate(value["models"])}
            return cls(
                {id_: identifier_of(source, position, registries) for id_, position in positions.items()},
                source.name,
                registries,
            )
        raise SourceError(f"{source.name} has no identifiers: it must be {MODELS_YML.title} or {LITELLM.title}")

    def get(self, foreign_id: str, provider: str | None, id_: str, report: Report) -> str:
        """Return the identifier of a model.

        Raises:
            SourceError: the second file does not have the model.
        """
        if self._by_id is None:
            report.not_carried("", _NO_IDENTIFIERS, id_)
            return f"{prefix_of_title(provider, self._registries) or '<provider>'}/<{id_}>"
        if foreign_id not in self._by_id:
            raise SourceError(f"the model {quote(foreign_id)} has no identifier: {self._name} does not have it")
        report.carried(self._name, "identifier", id_)
        return self._by_id[foreign_id]

    def has_provider(self, identifier: str) -> bool:
        """Return whether the provider of an identifier is known."""
        return not identifier.startswith(_UNKNOWN_PREFIX)
