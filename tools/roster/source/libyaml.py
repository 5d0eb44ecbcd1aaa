"""PyYAML's C parser, or one clear sentence where PyYAML was built without it."""

from roster.diagnostic import ConfigurationError

try:
    from yaml._yaml import CParser
except ImportError:
    raise ConfigurationError(
        "PyYAML is installed without libyaml, its C parser: reinstall it from a wheel "
        "(pip install --force-reinstall pyyaml)"
    ) from None

__all__ = ["CParser"]
