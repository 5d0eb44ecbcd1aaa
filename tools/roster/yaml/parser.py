"""libyaml's parser, and limits on the files it is given. A roster of 20,000 models stays below each limit."""

import yaml

from roster.findings import ConfigurationError

try:
    from yaml._yaml import CParser
except ImportError:
    raise ConfigurationError(
        "PyYAML is installed without libyaml, its C parser: reinstall it from a wheel "
        "(pip install --force-reinstall pyyaml)"
    ) from None

__all__ = ["CParser"]

PARSE_ERRORS = (yaml.YAMLError, UnicodeDecodeError)
"""What reading events can raise. libyaml lets a tag hold escapes that are not UTF-8, which PyYAML fails to decode."""
LINE_BREAKS = "\r\n\x85\u2028\u2029"
"""Line breaks of libyaml, which follows YAML 1.1; YAML 1.2 breaks lines at CR and LF only."""

MAX_BYTES = 8 * 1024 * 1024
EXCERPT_BYTES = 10_000
"""How much of a larger file is kept for reports to show."""
MAX_LINES = 500_000
MAX_NODES = 500_000
"""Keys, values, lists and mappings; nodes that an alias repeats count each time."""
TOO_MANY_NODES = f"the file has more than {MAX_NODES:,} values"
MAX_NODES_WITH_FINDINGS = 100_000
"""The same for a file whose YAML has findings or anchors: the careful loader takes twice as long as the quick one."""
MAX_DEPTH = 20
"""Nesting of lists and mappings; a roster needs 4."""
MAX_KEYS = 1_000
"""Keys of a mapping; a model needs about 20."""
MAX_ALIASED_NODES = 1_000
"""Nodes that all aliases together may repeat."""
MAX_FINDINGS = 1_000
"""Findings reported for one file by the loader, and by other checks with as many causes."""
