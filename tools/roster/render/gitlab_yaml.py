"""The files of GitLab's AI gateway as YAML, which the gateway reads with PyYAML."""

from collections.abc import Mapping
from typing import Any

from roster.roster import Roster
from roster.yaml.block_writer import BlockFormat, block_lines


def gitlab_yaml(roster: Roster, content: Mapping[str, Any]) -> bytes:
    """Return a file with all texts quoted, so that YAML 1.1 and 1.2 read them alike."""
    lines = [
        f"# Rendered from the roster of {roster.environment}: change that instead.",
        *block_lines(dict(content), BlockFormat()),
    ]
    return "".join(f"{line}\n" for line in lines).encode()
