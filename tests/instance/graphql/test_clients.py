"""GraphQL clients of others against a running instance, and compilers of others on its schema."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from roster.instance.graphql import endpoint
from tests.download.scripted_server import ScriptedServer, ok
from tests.instance.test_serve import LIST, TOKEN, running_server, set_flag, wait_for_list
from tests.locked_environment import python_of
from tests.node import HERE, folder_of, program

pytestmark = pytest.mark.slow

SCRIPTS = HERE / "graphql"
GQL = """import json, sys
from gql import Client, gql
from gql.transport.httpx import HTTPXTransport

_, url, token, settings, update = sys.argv
transport = HTTPXTransport(url=url, headers={"Authorization": f"Bearer {token}"})
client = Client(transport=transport, fetch_schema_from_transport=True)
query, mutation = gql(settings), gql(update)
with client as session:
    before = session.execute(query)
    changed = session.execute(mutation)
    print(json.dumps([before, changed, session.execute(query)]))
"""
QUERY = '{ aiFeatureSettings(features: ["duo_chat"]) { nodes { id version changedAt } } }'
MUTATION = """mutation { aiFeatureSettingUpdate(
  input: { feature: "duo_chat", models: ["mistral", "gemini"], defaultModel: "mistral" }
) { errors aiFeatureSetting { id version changedAt } } }"""
CODEGEN = {
    "schema": "schema.graphql",
    "documents": "settings.graphql",
    "generates": {
        "types.ts": {
            "plugins": ["typescript", "typescript-operations"],
            "config": {"strictScalars": True, "scalars": {"Date": "string", "DateTime": "string"}},
        }
    },
}
TYPED = """import type { SettingsQuery } from "./types";
export function ids(data: SettingsQuery): string[] {
  return data.aiFeatureSettings?.nodes.map((node) => node.id) ?? []; // null if the field failed
}
"""
SCHEMA = Path(endpoint.__file__).with_name("schema.graphql")


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder with the scripts and the packages that they import, which are installed elsewhere."""
    shutil.copytree(SCRIPTS, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("package*"))
    (tmp_path / "node_modules").symlink_to(folder_of("relay-compiler").parent)
    (tmp_path / "package.json").write_text("{}")
    return tmp_path


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("client", ["apollo", "urql"])
def test_cache_of_client_is_updated_by_the_payload_of_a_mutation(migrated_url: str, scripts: Path, client: str):
    set_flag(migrated_url)
    with ScriptedServer(ok(LIST)) as gateway, running_server(migrated_url, gateway.origin) as server:
        wait_for_list(server)
        results: dict[str, Any] = json.loads(run(["node", f"{client}.mjs", server.origin, TOKEN], scripts))
    assert results == {
        "before": [["ROSTER", 0, "gemini"]],
        "namespaceBefore": [["ROSTER", 0, "gemini"]],
        "after": [["CHOSEN_MODELS", 1, "mistral"]],
        "namespaceAfter": [["ROSTER", 0, "gemini"]],
        "requests": 3,
    }


def test_gql_reads_the_schema_and_settings_and_changes_one(migrated_url: str, tmp_path: Path):
    set_flag(migrated_url)
    with ScriptedServer(ok(LIST)) as gateway, running_server(migrated_url, gateway.origin) as server:
        wait_for_list(server)
        parameters = [f"{server.origin}/api/graphql", TOKEN, QUERY, MUTATION]
        output = run([str(python_of("graphql-client")), "-c", GQL, *parameters], tmp_path)
    before, changed, after = json.loads(output)
    payload = changed["aiFeatureSettingUpdate"]
    assert payload["errors"] == []
    assert before["aiFeatureSettings"]["nodes"] == [
        {"id": "gid://roster/AiFeatureSetting/duo_chat", "version": 0, "changedAt": None}
    ]
    assert after["aiFeatureSettings"]["nodes"] == [payload["aiFeatureSetting"]]
    assert payload["aiFeatureSetting"]["version"] == 1


def test_relay_compiler_accepts_schema_and_connections(scripts: Path):
    shutil.copy(SCHEMA, scripts / "schema.graphql")
    source = scripts / "src"
    source.mkdir()
    (scripts / "settings.js").rename(source / "settings.js")
    options = {"src": "src", "language": "javascript", "schema": "schema.graphql"}
    (scripts / "relay.config.json").write_text(json.dumps(options))
    run([*program("relay-compiler"), "relay.config.json"], scripts)
    generated = {each.name for each in (source / "__generated__").iterdir()}
    assert generated >= {"settingsQuery.graphql.js", "settings_history.graphql.js", "settingsMutation.graphql.js"}


def test_generated_types_compile_in_strict_mode(scripts: Path):
    shutil.copy(SCHEMA, scripts / "schema.graphql")
    (scripts / "codegen.json").write_text(json.dumps(CODEGEN))
    (scripts / "settings.graphql").write_text("query Settings { aiFeatureSettings { nodes { id changedAt } } }")
    (scripts / "typed.ts").write_text(TYPED)
    run([*program("@graphql-codegen/cli", "graphql-codegen"), "--config", "codegen.json"], scripts)
    run([*program("typescript", "tsc"), "--strict", "--noEmit", "--skipLibCheck", "typed.ts"], scripts)
