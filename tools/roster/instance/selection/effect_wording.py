"""Sentences about the effect of requested selections, with the names of features and models that people know."""

from collections.abc import Iterable, Iterator, Sequence

from roster.instance.selection.effect import FeatureEffect, MoveReason, NamespaceMove
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.selections import SelectionMode
from roster.naming import counted, join_names, printable

_MAX_NAMES = 4
"""How many names a sentence lists before it counts the others; one other is listed, too."""
_MAX_MOVES = 3
"""How many moves a sentence lists separately before it combines those to the same model."""


def describe(offered: OfferedList, effect: FeatureEffect) -> str:
    """Return a sentence about one feature: ``General Chat: users without a selected model go from X to Y``."""
    feature = offered.features.get(effect.feature)
    title = printable(feature.title if feature else effect.feature)
    return f"{title}: {'; '.join(_parts(offered, effect)) or 'nothing changes'}"


def describe_moves(offered: OfferedList, moves: Sequence[NamespaceMove]) -> str:
    """Return a sentence about the namespaces that get another model for a feature."""
    text = "; ".join(_namespaces_move(offered, moves))
    return f"{text[:1].upper()}{text[1:]}."


def summarize(effects: Sequence[FeatureEffect]) -> str:
    """Return a sentence about all features: how many change, and in what."""
    parts = [
        _in_features("users without a selected model get another model", [each.moves_users for each in effects]),
        _in_features(
            f"{_namespaces(sum(each.moved_namespaces for each in effects))} another model",
            [bool(each.moves) for each in effects],
        ),
        _in_features(
            "namespaces can no longer select some models", [bool(each.no_longer_selectable) for each in effects]
        ),
        _in_features("namespaces can select more models", [bool(each.newly_selectable) for each in effects]),
    ]
    return "; ".join(filter(None, parts)) or "the same models serve, and namespaces can select the same"


def _in_features(statement: str, applies: list[bool]) -> str:
    number = sum(applies)
    return f"{statement} in {counted(number, 'feature')}" if number else ""


def _namespaces(count: int) -> str:
    """Return the subject of a sentence, with its verb."""
    return f"{count:,} namespace selections lead to" if count > 1 else "1 namespace selection leads to"


def _parts(offered: OfferedList, effect: FeatureEffect) -> Iterator[str]:
    """Yield the parts of a sentence about a feature, the most important first."""
    if effect.moves_users:
        yield _users_move(offered, effect)
    yield from _namespaces_move(offered, effect.moves)
    if effect.no_longer_selectable:
        yield f"namespaces can no longer select {_names(offered, effect.no_longer_selectable)}"
    if effect.newly_selectable:
        yield f"namespaces can also select {_names(offered, effect.newly_selectable)}"
    yield from _mode_changes(effect)


def _users_move(offered: OfferedList, effect: FeatureEffect) -> str:
    before, after = _name(offered, effect.served_before), _name(offered, effect.served_after)
    if not after:
        return "it stops working for users without a selected model"
    if not before:
        return f"it starts to work for users without a selected model, with {after}"
    return f"users without a selected model go from {before} to {after}"


def _namespaces_move(offered: OfferedList, moves: Sequence[NamespaceMove]) -> Iterator[str]:
    moves = _merged(moves)
    if len(moves) <= _MAX_MOVES:
        yield from (_move(offered, move) for move in moves)
        return
    totals: dict[str | None, int] = {}
    returning = sum(move.namespaces for move in moves if move.reason is MoveReason.ALLOWED_AGAIN)
    for move in moves:
        if move.reason is not MoveReason.ALLOWED_AGAIN:
            totals[move.after] = totals.get(move.after, 0) + move.namespaces
    most = sorted(totals, key=lambda model: -totals[model])
    for model in most[:_MAX_MOVES]:
        yield f"{_subject(totals[model])} to {_name(offered, model) or 'no model'}"
    if others := sum(totals[model] for model in most[_MAX_MOVES:]):
        yield f"{_subject(others)} to other models"
    if returning:
        yield f"{_subject(returning)} back to the models that they selected"


def _merged(moves: Iterable[NamespaceMove]) -> list[NamespaceMove]:
    """Return the moves, combining those that a sentence would describe in the same way."""
    merged: dict[tuple[str | None, str | None, bool], NamespaceMove] = {}
    for move in moves:
        key = move.after and move.before, move.after, move.reason is MoveReason.ALLOWED_AGAIN
        earlier = merged[key].namespaces if key in merged else 0
        merged[key] = move._replace(namespaces=earlier + move.namespaces)
    return list(merged.values())


def _subject(namespaces: int) -> str:
    """Return the subject of a sentence, with its verb."""
    return f"{namespaces:,} namespaces go" if namespaces > 1 else "1 namespace goes"


def _move(offered: OfferedList, move: NamespaceMove) -> str:
    before, after = _name(offered, move.before), _name(offered, move.after)
    namespaces = f"{move.namespaces:,} namespace{'' if move.namespaces == 1 else 's'}"
    if not after:
        return f"it stops working for {namespaces}"
    if not before:
        return f"it starts to work for {namespaces}, with {after}"
    selected = ", which it selected" if move.namespaces == 1 else ", which they selected"
    reason = selected if move.reason is MoveReason.ALLOWED_AGAIN else ""
    return f"{_subject(move.namespaces)} from {before} to {after}{reason}"


def _mode_changes(effect: FeatureEffect) -> Iterator[str]:
    """Yield what future lists will do that they did not do before, or the other way round."""
    before, after = effect.mode_before, effect.mode_after
    if (before is SelectionMode.ROSTER) != (after is SelectionMode.ROSTER):
        follows = "follows" if after is SelectionMode.ROSTER else "no longer follows"
        yield f"the default {follows} the roster"
    if (before is SelectionMode.CHOSEN_MODELS) != (after is SelectionMode.CHOSEN_MODELS):
        are_allowed = "are no longer allowed" if after is SelectionMode.CHOSEN_MODELS else "are allowed"
        yield f"models that arrive later {are_allowed} automatically"


def _names(offered: OfferedList, models: Iterable[str]) -> str:
    return join_names((_name(offered, model) for model in models), limit=_MAX_NAMES)


def _name(offered: OfferedList, model: str | None) -> str:
    return printable(offered.display_name(model)) if model else ""
