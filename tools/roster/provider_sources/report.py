"""The report of an update: text for a terminal, and Markdown for the description of a merge request."""

from collections.abc import Iterator

from roster.markdown_text import code, escaped
from roster.naming import printable
from roster.provider_sources.update import Update

_FORM = "only the form of the file changes, no fact"


def write_text(update: Update) -> str:
    """Return one line for each change, and for each disagreement."""
    return "".join(f"{printable(line)}\n" for line in _lines(update))


def write_markdown(update: Update) -> str:
    """Return the changes as a list, and the disagreements as another."""
    parts = []
    if changed := [f"- {_markdown(update, key)}: {escaped(line)}\n" for key, line in _changes(update)]:
        parts.append("**Changed provider facts**\n\n" + "".join(changed))
    if notes := [f"- {_markdown(update, key)}: {escaped(line)}\n" for key, line in _notes(update)]:
        parts.append("**Notes on the sources**\n\n" + "".join(notes))
    return "\n".join(parts)


def _lines(update: Update) -> Iterator[str]:
    for identifier, line in (*_changes(update), *_notes(update)):
        yield f"{update.label(identifier)}: {line}"
    if update.is_changed and not update.changes:
        yield _FORM


def _changes(update: Update) -> Iterator[tuple[str, str]]:
    return ((identifier, line) for identifier, lines in update.changes.items() for line in lines)


def _notes(update: Update) -> Iterator[tuple[str, str]]:
    return ((identifier, line) for identifier, lines in update.notes.items() for line in lines)


def _markdown(update: Update, identifier: str) -> str:
    label = update.labels.get(identifier)
    return f"{escaped(label)} ({code(identifier)})" if label else code(identifier)
