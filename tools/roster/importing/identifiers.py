"""The providers' identifiers of models, from a second file that has them."""

from collections.abc import Callable, Sequence

from roster.importing.gitlab.source import identifier_of, require_types
from roster.importing.litellm.deployments import Deployment, read_deployments
from roster.importing.litellm.models import prefixed_identifier
from roster.importing.providers import prefix_of_title
from roster.importing.report import Report
from roster.importing.source import Source, SourceError
from roster.naming import quote
from roster.registries import Registries
from roster.schema.foreign_keys import LITELLM, MODELS_YML

_NO_IDENTIFIERS = "definitions have no identifiers: replace the placeholders, or add a second file that has them"
_UNKNOWN_PROVIDER = "<provider>"


class Identifiers:
    """Finds the identifier of a model by its public id; a placeholder without a second file.

    ``find`` returns the identifier for an id, None for an unknown one; it is None without a second file.
    """

    def __init__(self, find: Callable[[str], str | None] | None, name: str, registries: Registries) -> None:
        self._find, self._name, self._registries = find, name, registries

    @classmethod
    def of(cls, sources: Sequence[Source], registries: Registries) -> "Identifiers":
        """Read the second file, if there is one.

        Raises:
            SourceError: it is neither models.yml nor a configuration of LiteLLM.
        """
        if not sources:
            return cls(None, "", registries)
        (source,) = sources
        value = source.value if isinstance(source.value, dict) else {}
        if isinstance(value.get("model_list"), list):
            return cls(_finder_of_litellm(source, registries), source.name, registries)
        if isinstance(value.get("models"), list):
            return cls(_finder_of_models_yml(source, registries), source.name, registries)
        raise SourceError(f"{source.name} has no identifiers: it must be {MODELS_YML.title} or {LITELLM.title}")

    def get(self, foreign_id: str, provider: str | None, id_: str, report: Report) -> str:
        """Return the identifier of a model.

        Raises:
            SourceError: the second file does not have the model.
        """
        if self._find is None:
            report.not_carried("", _NO_IDENTIFIERS, id_)
            return f"{prefix_of_title(provider, self._registries) or _UNKNOWN_PROVIDER}/<{id_}>"
        identifier = self._find(foreign_id)
        if identifier is None:
            raise SourceError(f"the model {quote(foreign_id)} has no identifier: {self._name} does not have it")
        report.carried(f"identifiers in {self._name}", "identifier", id_)
        return identifier

    def has_provider(self, identifier: str) -> bool:
        """Return whether the provider of an identifier is known."""
        return not identifier.startswith(_UNKNOWN_PROVIDER)


def _finder_of_litellm(source: Source, registries: Registries) -> Callable[[str], str | None]:
    deployments: dict[str, Deployment] = {}
    for deployment in read_deployments(source, Report()):
        deployments.setdefault(deployment.name, deployment)

    def find(foreign_id: str) -> str | None:
        deployment = deployments.get(foreign_id)
        return prefixed_identifier(source, deployment, registries) if deployment else None

    return find


def _finder_of_models_yml(source: Source, registries: Registries) -> Callable[[str], str | None]:
    models = source.value["models"]
    positions = {str(model.get("gitlab_identifier")): at for at, model in enumerate(models) if isinstance(model, dict)}

    def find(foreign_id: str) -> str | None:
        position = positions.get(foreign_id)
        if position is None:
            return None
        require_types(source, position)
        return identifier_of(source, position, registries)

    return find
