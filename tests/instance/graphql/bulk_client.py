"""Queries and mutations of many selections."""

from typing import Any

from sqlalchemy import select

from roster.instance.auth.token_authentication import hash_token
from roster.instance.database.tables import audit_events
from tests.instance.auth.test_token_authentication import WRITE
from tests.instance.graphql.api_client import ApiClient

PAYLOAD = """errors problems { feature message } conflicts { feature version changedBy } batch clientMutationId
  aiFeatureSettings { feature mode version selection { models { ref } defaultModel { ref } } }"""
EFFECT = """query ($changes: [AiModelSelectionChangeInput!]!) {
  aiModelSelectionEffect(changes: $changes) {
    summary errors
    features {
      feature title sentence servedBefore { ref } servedAfter { ref }
      namespaceMoves { before { name } after { name } namespaces reason }
      noLongerSelectable { ref } newlySelectable { ref }
    }
  }
}"""
RULE = """query ($rule: AiModelSelectionBulkRuleInput!) {
  aiModelSelectionBulkChanges(rule: $rule) {
    changes { feature title mode models { ref } defaultModel { ref } version note }
    refusals { feature title reason }
    complying errors
  }
}"""
CHAT = {"feature": "chat", "models": ["haiku", "opus"], "defaultModel": "opus"}
CODE = {"feature": "code", "mode": "OWN_DEFAULT", "defaultModel": "codestral"}
CHAT_MODELS = "select GitLab: haiku, GitLab: sonnet or GitLab: opus"
ACTOR = f"token:{hash_token(WRITE)[:8]}"


def run(api: ApiClient, name: str, **input: Any) -> Any:
    """Run a mutation, and return its payload."""
    kind = name[0].upper() + name[1:]
    query = f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ {PAYLOAD} }} }}"
    return api.execute(query, WRITE, input=input)[name]


def save(api: ApiClient, *changes: dict[str, Any], **others: Any) -> Any:
    return run(api, "aiFeatureSettingsUpdate", changes=changes, **others)


def undo(api: ApiClient, batch: str) -> Any:
    return run(api, "aiModelSelectionUndo", batch=batch)


def effect(api: ApiClient, *changes: dict[str, Any]) -> Any:
    return api.execute(EFFECT, changes=changes)["aiModelSelectionEffect"]


def bulk_changes(api: ApiClient, **rule: Any) -> Any:
    return api.execute(RULE, rule=rule)["aiModelSelectionBulkChanges"]


def to_change(proposed: dict[str, Any]) -> dict[str, Any]:
    """Return a proposed change as an input."""
    default = proposed["defaultModel"]
    return {
        "feature": proposed["feature"],
        "mode": proposed["mode"],
        "models": [model["ref"] for model in proposed["models"]],
        "defaultModel": default and default["ref"],
        "version": proposed["version"],
    }


def chosen(api: ApiClient, feature: str = "chat") -> tuple[str, list[str]]:
    """Return the mode and the models of the instance's selection."""
    node = api.settings()[feature]
    return node["resolution"]["model"]["ref"], [each["ref"] for each in node["allowedModels"]]


def selected_models(api: ApiClient) -> list[str]:
    return [each["ref"] for each in api.settings()["chat"]["selection"]["models"]]


def mode(api: ApiClient, feature: str) -> str:
    query = "query ($features: [String!]!) { aiFeatureSettings(features: $features) { nodes { mode } } }"
    return str(api.execute(query, features=[feature])["aiFeatureSettings"]["nodes"][0]["mode"])


def batches(api: ApiClient) -> list[tuple[str, str]]:
    with api.database.read_transaction() as connection:
        rows = connection.execute(select(audit_events.c.batch, audit_events.c.feature).order_by(audit_events.c.id))
        return [(row.batch, row.feature) for row in rows]


def newest_event(api: ApiClient) -> str:
    with api.database.read_transaction() as connection:
        return str(connection.scalars(select(audit_events.c.id).order_by(audit_events.c.id.desc()).limit(1)).one())
