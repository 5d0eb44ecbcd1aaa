"""The table of environment variables that the documentation pages have."""

from collections.abc import Mapping

from roster.settings.environment_variables import Variable


def variables_table(variables: Mapping[str, Variable]) -> str:
    """Return variables as a table in Markdown."""
    rows = (
        f"| `{name}` | {f'`{variable.default}`' if variable.default else ''} | {variable.description} |"
        for name, variable in variables.items()
    )
    return "\n".join(("| variable | default | description |", "|---|---|---|", *rows))
