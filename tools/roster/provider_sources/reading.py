"""Reading of sources, and recognition of their formats."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from roster.naming import list_names, printable, quote
from roster.provider_sources import known_facts, litellm, models_dev
from roster.provider_sources.interface import PUBLIC_SOURCES, Listing, SourceError
from roster.provider_sources.json_source import MAX_BYTES, JsonSource
from roster.provider_sources.public_source import CapabilityNames
from roster.registries import Registries
from roster.repository import Repository
from roster.schema.foreign_files import recognize
from roster.settings.urls import without_query

Download = Callable[[str], bytes]
URL = re.compile("https?://", re.IGNORECASE)
_JSON_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_FORMATS = (
    "LiteLLM's model_prices_and_context_window.json, models.dev's api.json, or a list of facts as in "
    "schemas/known_provider_facts.yaml"
)


def read_sources(
    names: Sequence[str], repository: Repository, registries: Registries, download: Download
) -> list[Listing]:
    """Read sources: files, or URLs.

    Raises:
        SourceError: one cannot be read, or is of no known format; or two are the same public source.
    """
    listings = [_read(name, repository, registries, download) for name in names]
    for name in PUBLIC_SOURCES:
        titles = [each.title for each in listings if each.name == name]
        if len(titles) > 1:
            raise SourceError(f"{list_names(titles)} are both {name}: name one of them")
    return listings


def _read(name: str, repository: Repository, registries: Registries, download: Download) -> Listing:
    title = printable(without_query(name) if URL.match(name) else name)
    data = download(name) if URL.match(name) else _file_content(name, title)
    if len(data) > MAX_BYTES:
        raise SourceError(f"{title} is larger than {MAX_BYTES // 1024**2} MiB, so it is no source of provider facts")
    if not _JSON_OBJECT.match(data):
        return _known_facts(title, data, repository, registries)
    source = JsonSource(title, data)
    if litellm.is_litellm(source.value):
        return litellm.listing(source, CapabilityNames(registries))
    if models_dev.is_models_dev(source.value):
        return models_dev.listing(source, CapabilityNames(registries))
    raise _unknown_format(title, recognize(source.value, ""))


def _known_facts(title: str, data: bytes, repository: Repository, registries: Registries) -> Listing:
    text = data[:1000].decode("utf-8", "replace")
    if not data.strip() or (kind := recognize(text, text)):
        raise _unknown_format(title, kind if data.strip() else "empty")
    return known_facts.listing(title, data, repository, registries)


def _unknown_format(title: str, kind: str) -> SourceError:
    seems = f"; it seems to be {kind}" if kind else ""
    return SourceError(f"{title} must be {_FORMATS}{seems}; or its format has changed")


def _file_content(name: str, title: str) -> bytes:
    file = Path(name)
    try:
        if file.exists() and not file.is_file():
            raise OSError(None, "not a regular file")  # reading a pipe or a device might never end
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"{title or quote(title)} cannot be read: {reason.lower()}") from None
