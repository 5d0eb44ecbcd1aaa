"""Registry of the formats that ``roster import`` reads, one module per format.

To add a format, write a module with a function that converts its files, and add one line here.
"""

from roster.importing import gitlab_gateway
from roster.importing.interface import Format

FORMATS: dict[str, Format] = {
    "gitlab-gateway": Format(
        "models.yml and unit_primitives.yml of GitLab's AI gateway",
        ("MODELS", "UNIT_PRIMITIVES"),
        gitlab_gateway.convert,
    ),
}
"""Formats by name, in the order of the help."""
