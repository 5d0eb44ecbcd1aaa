"""``roster instance explain``: the serving model, the steps of the resolution, and the offered models."""

import pytest

from roster.instance.database import feature_flag
from roster.instance.database.connections import Database
from roster.instance.selection.offered_list import OfferedList, OfferedRetirement
from roster.settings.secret import Secret
from tests.conftest import Run
from tests.instance.selection.offered_lists import LAST_DAY, NOW, list_serving, store_list, store_selection

OFFERED = list_serving(
    {"duo_chat": ["claude", "gemini", "mistral"], "ended": []},
    retired={("old", ""): "gemini"},
    gone=["old"],
    ends={("claude", "duo_chat"): OfferedRetirement(NOW.date(), LAST_DAY, "gemini")},
)


@pytest.fixture
def database(migrated_url: str):
    created = Database(Secret(migrated_url))
    with created.write_transaction() as connection:
        feature_flag.set_enabled(connection, True)
        store_list(connection, OFFERED)
    yield created
    created.close()


def explain(roster: Run, url: str, *line: str, status: int = 0) -> tuple[str, str]:
    done = roster("instance", "explain", *line, ROSTER_INSTANCE_DATABASE_URL=url)
    assert done.returncode == status, done.stderr
    return done.stdout, done.stderr


def test_no_selection(roster: Run, database: Database, migrated_url: str):
    assert explain(roster, migrated_url, "duo_chat") == (
        """\
duo_chat (feature)

Title of duo_chat

Category: code_suggestions

Served by: claude (by default)
  1. the instance has no selection
  2. the roster defaults to "claude"

The roster's default: claude (from the gateway's list)

Offered:
  claude   GA, last day 2026-12-01, notice 2026-08-05, replaced by gemini
  gemini   GA
  mistral  GA
""",
        f"using the {database}\n",
    )


def test_selections_of_unavailable_models(roster: Run, database: Database, migrated_url: str):
    with database.write_transaction() as connection:
        store_selection(connection, "duo_chat", "old", "claude", "gone")
        store_selection(connection, "duo_chat", "mistral", namespace_id=7)
    assert explain(roster, migrated_url, "duo_chat", "--namespace", "7")[0].partition("\n\nServed by: ")[2] == (
        """\
gemini (selected by the instance)
  1. the namespace selected "mistral", which the instance does not allow
  2. the instance selected "old", which is not available and was replaced by "gemini"

The roster's default: claude (from the gateway's list)

Offered:
  claude   GA, last day 2026-12-01, notice 2026-08-05, replaced by gemini
  gemini   GA, not allowed for namespaces
  mistral  GA, not allowed for namespaces

Selected, but not available:
  old (default, instance): replaced by gemini
  gone (allowed, instance)
"""
    )
    own, _ = explain(roster, migrated_url, "duo_chat", "--namespace", "8")
    assert "  1. the namespace has no selection\n" in own


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ("kept", "from an earlier list, because the newest one is plain and has no defaults"),
        (
            "first",
            "the first GA model, or else the first model, because the newest list is plain and has no defaults",
        ),
    ],
)
def test_source_of_the_default(roster: Run, database: Database, migrated_url: str, source, description: str):
    chat = OFFERED.features["duo_chat"]._replace(default_source=source)
    with database.write_transaction() as connection:
        store_list(connection, OfferedList({**OFFERED.features, "duo_chat": chat}, OFFERED.models, {}), version=2)
    assert f"The roster's default: claude ({description}" in explain(roster, migrated_url, "duo_chat")[0]


def test_feature_no_longer_offered(roster: Run, database: Database, migrated_url: str):
    output, _ = explain(roster, migrated_url, "ended")
    assert output.endswith(
        "Served by: nothing\n  1. the instance has no selection\n  2. the roster has no default\n\n"
        "Offered:\n  nothing\n"
    )


def test_selection_of_unknown_feature(roster: Run, database: Database, migrated_url: str):
    with database.write_transaction() as connection:
        store_selection(connection, "secret_feature", "x")
    output, _ = explain(roster, migrated_url, "secret_feature")
    assert output.startswith("secret_feature (feature)\n\nServed by: nothing\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("duo_chatt", 'did you mean "duo_chat"?'), ("zzz", "known features are duo_chat, ended")],
)
def test_unknown_feature(roster: Run, database: Database, migrated_url: str, name: str, hint: str):
    _, output = explain(roster, migrated_url, name, status=2)
    assert output.rstrip().endswith(f'there is no feature "{name}": {hint}')


def test_warnings_before_first_sync_and_while_off(roster: Run, migrated_url: str):
    _, output = explain(roster, migrated_url, "duo_chat", status=2)
    assert "warning: there is no list yet: get it with roster instance sync\n" in output
    assert "warning: the feature is off, so selections have no effect: roster instance flag on\n" in output
    assert 'there is no feature "duo_chat": no features are known yet' in output


@pytest.mark.parametrize("id_", ["0", "-1", str(2**63), "seven"])
def test_invalid_namespace(roster: Run, migrated_url: str, id_: str):
    _, output = explain(roster, migrated_url, "duo_chat", f"--namespace={id_}", status=2)
    assert "Invalid value for '--namespace'" in output
