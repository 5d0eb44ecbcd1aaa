"""``roster import`` with the formats definitions and litellm."""

import json
from pathlib import Path

from tests.accept.test_accept_definitions import gitlab
from tests.conftest import Run
from tests.download.scripted_server import ScriptedServer, answer
from tests.importing.test_litellm import CONFIGURATION

ROSTER = Path("env/production/offered_models_metadata.yaml")
COMMAND = ("--environment", "production", "--force", "--at", "2026-06-15")


def test_litellm_configuration_is_imported_with_features(checkout: Path, roster: Run):
    (checkout / "config.yaml").write_text(CONFIGURATION)
    result = roster("import", "litellm", "config.yaml", *COMMAND, "--feature", "duo_chat")
    assert result.returncode == 0
    assert "identifier: vertex_ai/claude-sonnet-4-6\n" in (checkout / ROSTER).read_text()
    assert "  2 settings: a roster has no settings of the proxy\n" in result.stdout
    unknown = roster("import", "litellm", "config.yaml", *COMMAND, "--feature", "duo_chta")
    assert (unknown.returncode, unknown.stderr) == (
        2, 'roster: unknown feature "duo_chta": did you mean "duo_chat"?\n'
    )  # fmt: skip


def test_password_in_an_address_is_rejected_and_not_shown(checkout: Path, roster: Run):
    before = (checkout / ROSTER).read_bytes()
    text = CONFIGURATION.replace("os.environ/AZURE_API_BASE", "https://user:hunter2@azure.example.com")
    (checkout / "config.yaml").write_text(text)
    result = roster("import", "litellm", "config.yaml", *COMMAND)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith('roster: endpoint of the model "deployment": "endpoint" may contain a secret')
    assert "hunter2" not in result.stderr
    assert (checkout / ROSTER).read_bytes() == before


def test_option_for_features_is_rejected_for_files_that_name_them(roster: Run):
    result = roster("import", "definitions", "definitions.json", *COMMAND, "--feature", "duo_chat")
    assert (result.returncode, "--feature is not for this format" in result.stderr) == (2, True)


def test_definitions_are_imported_with_and_without_identifiers(checkout: Path, roster: Run):
    content = gitlab()
    del content["unit_primitives"][2]
    (checkout / "definitions.json").write_text(json.dumps(content))
    (checkout / "config.yaml").write_text(
        "model_list:\n"
        + "".join(
            f"- {{model_name: {id_}, litellm_params: {{model: gpt-{id_}-1}}}}\n"
            for id_ in ("sonnet", "sonnet_vertex", "haiku")
        )
    )
    result = roster("import", "definitions", "definitions.json", *COMMAND)
    assert "identifier: anthropic/<sonnet>\n" in (checkout / ROSTER).read_text()
    assert "placeholder-value" in result.stdout
    result = roster("import", "definitions", "definitions.json", "config.yaml", *COMMAND)
    assert "identifier: openai/gpt-sonnet-1\n" in (checkout / ROSTER).read_text()
    assert "placeholder-value" not in result.stdout
    assert roster("import", "definitions", *["definitions.json"] * 3, *COMMAND).returncode == 2


def test_url_that_answers_with_an_error_is_one_sentence(checkout: Path, roster: Run):
    before = (checkout / ROSTER).read_bytes()
    with ScriptedServer(answer("404 Not Found")) as server:
        result = roster("import", "definitions", f"{server.origin}/models", *COMMAND)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"roster: {server.origin}/models cannot be downloaded: ")
    assert result.stderr.endswith("; nothing was written\n")
    assert result.stderr.count("\n") == 1
    assert (checkout / ROSTER).read_bytes() == before
