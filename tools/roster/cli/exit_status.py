"""Exit statuses of the ``roster`` command."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """The exit statuses of every command; 0 is success."""

    FINDINGS = 1
    """The command found something: a finding, a page that is out of date, a missing key."""
    USAGE = 2
    """The command line, the configuration or a file is invalid, so that the command could not do its work."""
    DEFECT = 3
    """The toolkit itself failed."""
    INTERRUPTED = 130
    """Ctrl-C: 128 plus the number of the signal SIGINT."""
