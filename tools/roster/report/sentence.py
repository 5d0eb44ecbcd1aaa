"""A finding as one sentence, for the formats that have room for no more."""

from roster.findings import Diagnostic


def sentence(found: Diagnostic) -> str:
    """Return what is wrong and, in brackets, what to write instead."""
    return f"{found.message} ({found.hint})" if found.hint else found.message
