"""``roster instance explain``."""

import click

from roster.cli.operate.instance.group import missing_tables, open_instance, warn_about
from roster.findings import ConfigurationError
from roster.naming import did_you_mean, printable, quote

_MAX_NAMESPACE_ID = 2**63 - 1

NAMESPACE_OPTION = click.option(
    "--namespace",
    type=click.IntRange(1, _MAX_NAMESPACE_ID),
    metavar="ID",
    help="Show it for this namespace instead of the instance.",
)


@click.command
@click.argument("feature")
@NAMESPACE_OPTION
def command(feature: str, namespace: int | None) -> int:
    """Explain which model serves a feature, step by step.

    \b
    Examples:
      roster instance explain duo_chat
      roster instance explain duo_chat --namespace 7
    """
    with open_instance() as (_, database):
        if message := missing_tables(database):
            raise ConfigurationError(message)
        from roster.instance.selection.explanation import explain_feature, explainable_features
        from roster.instance.selection.resolution import SelectionLevel
        from roster.instance.selection.state import StateReader

        with database.read_transaction() as connection:
            state = StateReader().state(connection, namespace)
    warn_about(state.status)
    features = explainable_features(state)
    if feature not in features:
        features_hint = f"known features are {', '.join(sorted(features))}" if features else "no features are known yet"
        hint = did_you_mean(feature, features) or features_hint
        raise ConfigurationError(f"there is no feature {quote(feature)}: {hint}")
    start = SelectionLevel.INSTANCE if namespace is None else SelectionLevel.NAMESPACE
    click.echo("\n".join(map(printable, explain_feature(state, feature, start))))
    return 0
