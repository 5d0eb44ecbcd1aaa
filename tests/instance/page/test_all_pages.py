"""Every page of the instance: who may see it, where signing in leads, its headers, and what it must not contain."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from roster.http_headers import CONTENT_SECURITY_POLICY
from roster.instance.auth.actor_names import actor_of
from roster.instance.auth.tokens import Access, add_token, hash_token
from roster.instance.database.connections import Database
from roster.instance.http import paths
from roster.instance.page.responses import PAGE_HEADERS
from roster.instance.page.static_files import ASSETS
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.state import StateReader
from tests.instance.auth.test_token_authentication import READ, WRITE, Hashes
from tests.instance.page.page_server import make_app
from tests.instance.page.test_router import SAME_ORIGIN
from tests.instance.selection.changes import change

QUERIES = {paths.COMPARISON: "?model=opus_4&model=sonnet_4"}
"""The query of each page that needs one."""
NOT_SIGNED_IN = {paths.ROOT, paths.SIGN_IN, paths.ASSETS + "/{file}", paths.GRAPHIQL_ASSETS + "/{file}"}
OWN_POLICY = {paths.GRAPHIQL: {CONTENT_SECURITY_POLICY}}
"""Headers that a page has with another value, which its own tests check."""
INLINE = re.compile(r"<script(?![^>]* src=| type=.application/json)|<style|\sstyle=|\son\w+=|javascript:")
SECRETS = re.compile(rf"[0-9a-f]{{64}}|{READ}|{WRITE}|ROSTER_INSTANCE_\w*TOKEN")


@pytest.fixture
def app(database: Database) -> FastAPI:
    with database.write_transaction() as connection:
        add_token(connection, "alice", hash_token(WRITE), Access.WRITE)
    return make_app(database)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        yield opened


def routes_of(router: Any) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif included := getattr(route, "original_router", None):  # older versions of FastAPI copy the routes
            yield from routes_of(included)


def pages(app: FastAPI) -> list[str]:
    """Return the paths of all pages that need a session, with a query where one is needed."""
    found = [
        route.path
        for route in routes_of(app)
        if "GET" in (route.methods or ()) and route.path.startswith("/admin") and route.path not in NOT_SIGNED_IN
    ]
    assert paths.PAGE in found
    assert paths.TOKENS in found
    return [path + QUERIES.get(path, "") for path in found]


def test_every_page_leads_to_sign_in_and_back(app: FastAPI, client: TestClient):
    wrong = []
    for page in pages(app):
        client.cookies.clear()
        redirect = client.get(page)
        form = client.get(redirect.headers.get("location", ""))
        fields = dict(re.findall(r'<input type="hidden" name="(return_to)" value="([^"]+)">', form.text))
        sent = {"token": READ} | {name: value.replace("&amp;", "&") for name, value in fields.items()}
        signed_in = client.post(paths.SIGN_IN, data=sent, headers=SAME_ORIGIN)
        statuses = (redirect.status_code, signed_in.status_code, signed_in.headers.get("location"))
        if statuses != (303, 303, page):
            wrong.append((page, *statuses))
    assert wrong == []


@pytest.mark.parametrize("token", [READ, WRITE], ids=["read", "write"])
def test_every_page_has_security_headers_and_no_secret(app: FastAPI, client: TestClient, token: str):
    wrong = []
    client.post(paths.SIGN_IN, data={"token": token}, headers=SAME_ORIGIN)
    assets = "|".join(map(re.escape, ASSETS))
    for page in pages(app):
        response = client.get(page)
        missing = {name for name, value in PAGE_HEADERS.items() if response.headers.get(name) != value}
        missing -= OWN_POLICY.get(page, set())
        text = re.sub(assets, "", response.text)
        inline = INLINE.findall(text)
        secrets = SECRETS.findall(text)
        if response.status_code != 200 or missing or inline or secrets:
            wrong.append((page, response.status_code, missing, inline, secrets))
    assert wrong == []


def test_no_page_names_a_configured_hash(app: FastAPI, client: TestClient):
    client.post(paths.SIGN_IN, data={"token": WRITE}, headers=SAME_ORIGIN)
    hashes = [each for hashes in Hashes() for each in hashes]
    digits = re.compile("|".join(each[8:16] for each in hashes))  # the first 8 name a token without a name
    assert [page for page in pages(app) if digits.search(client.get(page).text)] == []


def test_every_page_shows_a_named_actor_by_name(app: FastAPI, client: TestClient, database: Database):
    actor = actor_of(hash_token(WRITE))
    with database.write_transaction() as connection:
        offered = StateReader().state(connection).offered
        for models in (("sonnet_4", "codestral"), ("sonnet_4",)):
            requested = RequestedSelection("code-completion", models, "sonnet_4")
            assert change(connection, offered, requested, actor=actor) == []
    client.post(paths.SIGN_IN, data={"token": WRITE}, headers=SAME_ORIGIN)
    texts = {page: client.get(page).text for page in pages(app)}
    assert [page for page, text in texts.items() if actor in text] == []
    assert {page for page, text in texts.items() if "alice" in text} >= {paths.HISTORY, paths.TOKENS, paths.PAGE}
