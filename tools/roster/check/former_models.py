"""The models that had an id in earlier versions of a roster."""

from collections.abc import Collection, Iterable

from roster.git.file_history import FileVersion
from roster.model import DATE_KEYS, entry_id
from roster.naming import derive_id
from roster.rules.base.identity import FormerModel
from roster.yaml.document import parse


def find_former_models(versions: Iterable[FileVersion], ids: Collection[str]) -> dict[str, FormerModel]:
    """Return the model that last had each of some ids, as its own or as an earlier one.

    Args:
        versions: the committed versions of the roster, newest first; read until all ids are found.
    """
    former: dict[str, FormerModel] = {}
    remaining = set(ids)
    for version in versions:
        if not may_have(version.content, remaining):
            continue
        models = models_by_id(version.content)
        ids = {entry_id(model) for model in models.values()}
        former |= {id_: FormerModel(models[id_], version.day, ids) for id_ in remaining & models.keys()}
        remaining -= models.keys()
        if not remaining:
            break
    return former


def may_have(content: bytes, ids: Iterable[str]) -> bool:
    """Return whether a version of a roster may have a model with one of some ids, without parsing it."""
    text = content.decode(errors="replace")
    folded = derive_id(text)  # contains every id, derived or pinned, unless a name has escapes
    return "\\" in text or any(derive_id(id_) in folded for id_ in ids)


def models_by_id(content: bytes) -> dict[str, dict[str, object]]:
    """Return the values of a version's models by id and by earlier id; none if it cannot be read."""
    document = parse("", content, dates=DATE_KEYS)
    models = document.value if document.readable and isinstance(document.value, list) else []
    mappings = [model for model in reversed(models) if isinstance(model, dict)]
    aliases = {alias: model for model in mappings for alias in _texts(model.get("aliases"))}
    return aliases | {id_: model for model in mappings if (id_ := entry_id(model))}


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
