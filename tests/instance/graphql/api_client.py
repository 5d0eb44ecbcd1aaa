"""A client of the API with its app, in one process."""

import json
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from roster.instance.auth.token_authentication import Authentication
from roster.instance.database.connections import Database
from roster.instance.database.feature_flag import set_enabled
from roster.instance.database.worker_threads import WorkerThreads
from roster.instance.graphql.endpoint import api_router
from roster.instance.selection.offered_list import OfferedList
from roster.instance.selection.state import StateReader
from tests.instance.auth.test_token_authentication import READ, WRITE, Hashes
from tests.instance.selection.offered_lists import store_list

MODEL = """fragment model on AiModelSelectionOfferedModel {
  ref name releaseState provider description costIndicator available
  contextWindow maxOutputTokens capabilities processedIn dataRetentionDays documentation aliases
  suspension { since reason }
  retirement { notice lastDay replacement { ref name } }
}"""
SETTING = f"""fragment setting on AiFeatureSetting {{
  feature title category offered
  defaultModel {{ ...model }} defaultModels {{ model {{ ref }} share }}
  selection {{ id namespaceId models {{ ...model }} defaultModel {{ ...model }} createdAt updatedAt }}
  allowedModels {{ ...model }} offeredModels {{ ...model }}
  resolution {{ model {{ ...model }} source steps {{ source outcome model {{ ...model }} explanation }} }}
}} {MODEL}"""
SETTINGS_QUERY = f"""query settings($features: [String!], $namespaceId: ID) {{
  rosterVersion
  aiFeatureSettings(features: $features, namespaceId: $namespaceId) {{ nodes {{ ...setting }} }}
  aiModelSelectionSync {{ version replacedAt checkedAt ageSeconds lastFailure {{ reason message at }} leftOut }}
}} {SETTING}"""
"""Selects every field of the settings and the sync state."""


class ApiClient:
    """An API over a database, and a client of it. ``post`` returns any response, ``execute`` the data of a success."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.versions = count(1)
        app = FastAPI()
        app.include_router(api_router(WorkerThreads(database), StateReader(), Authentication(*Hashes())))
        self.client = TestClient(app, raise_server_exceptions=False)

    def set_flag(self, on: bool) -> None:
        with self.database.write_transaction() as connection:
            set_enabled(connection, on)

    def store_list(self, offered: OfferedList) -> None:
        with self.database.write_transaction() as connection:
            store_list(connection, offered, next(self.versions))

    def post(self, query: Any, token: str | None = WRITE, headers: dict[str, str] | None = None, **variables: Any):
        sent = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        body = json.dumps({"query": query, "variables": variables})
        return self.client.post("/api/graphql", content=body, headers=sent | (headers or {}))

    def execute(self, query: str, token: str = READ, **variables: Any) -> Any:
        response = self.post(query, token, **variables)
        assert response.status_code == 200
        assert "errors" not in response.json(), response.text
        return response.json()["data"]

    def settings(self, **variables: Any) -> dict[str, Any]:
        """Return the settings by feature."""
        return {
            node["feature"]: node for node in self.execute(SETTINGS_QUERY, **variables)["aiFeatureSettings"]["nodes"]
        }

    def mutate(self, name: str, **input: Any) -> Any:
        kind = name[0].upper() + name[1:]
        query = f"mutation m($input: {kind}Input!) {{ {name}(input: $input) {{ errors clientMutationId "
        query += f"aiFeatureSetting {{ ...setting }} }} }} {SETTING}"
        return self.execute(query, WRITE, input=input)[name]

    def select(self, feature: str, *models: str, default: str = "", **others: Any) -> Any:
        input = {"feature": feature, "models": models, "defaultModel": default or models[0]} | others
        return self.mutate("aiFeatureSettingUpdate", **input)
