"""Registry of the formats that ``roster import`` reads, one module per format.

To add a format, write a module with a function that converts its files, and add one line here.
"""

from roster.importing.interface import Format

FORMATS: dict[str, Format] = {
    "gitlab-gateway": Format(
        "models.yml and unit_primitives.yml of GitLab's AI gateway",
        ("MODELS", "UNIT_PRIMITIVES"),
        "roster.importing.gitlab.conversion:convert",
    ),
    "definitions": Format(
        "a file or the URL of what a gateway serves at /v1/models/definitions",
        ("DEFINITIONS", "[IDENTIFIERS]"),
        "roster.importing.definitions.conversion:convert",
        "roster.importing.definitions.download:download",
    ),
    "litellm": Format(
        "a configuration of LiteLLM's proxy",
        ("CONFIGURATION",),
        "roster.importing.litellm.conversion:convert",
        has_features=False,
    ),
}
"""Formats by name, in the order of the help."""
