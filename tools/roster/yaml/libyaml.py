"""PyYAML's C parser, or one clear sentence where PyYAML was built without it."""

import yaml

from roster.findings import ConfigurationError

try:
    from yaml._yaml import CParser
except ImportError:
    raise ConfigurationError(
        "PyYAML is installed without libyaml, its C parser: reinstall it from a wheel "
        "(pip install --force-reinstall pyyaml)"
    ) from None

__all__ = ["BREAKS", "UNREADABLE", "CParser"]

UNREADABLE = (yaml.YAMLError, UnicodeDecodeError)
"""What reading events can raise. libyaml lets a tag hold escapes that are no UTF-8, and PyYAML stumbles over them."""
BREAKS = "\r\n\x85\u2028\u2029"
"""Where libyaml breaks lines, as YAML 1.1 does; YAML 1.2 breaks them at CR and LF only."""
