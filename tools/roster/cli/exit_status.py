"""Exit statuses of the ``roster`` command."""


class ExitStatus:
    """The exit statuses of every command; 0 is success. Plain numbers, because an enum would delay every start."""

    FINDINGS = 1
    """The command found something: a finding, an outdated file, a missing API key."""
    USAGE = 2
    """The command line, the configuration or a file is invalid, so the command could not run."""
    DEFECT = 3
    """The toolkit itself failed."""
    INTERRUPTED = 130
    """Ctrl-C: 128 plus the number of the signal SIGINT."""
