"""The files of the catalogue: secrets, hostile texts, links, provenance and defaults."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Any

import pytest

from roster.catalogue.site import POLICY, build_site
from roster.catalogue.source import Source
from roster.publishing.sequence import Publication
from roster.registries import Registries
from roster.roster import Roster, roster_path

ON = date(2026, 11, 30)
PUBLISHED = Publication("0123456789abcdef0123456789abcdef01234567", 420020261130)
COMMITTED = datetime(2026, 11, 29, 8, 5, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\u202e"
FEATURES = [
    {"name": "duo_chat", "title": "General Chat", "category": "duo_chat", "unit_primitives": [], "required": False},
    {"name": "fix", "title": HOSTILE, "unit_primitives": [], "required": False},
]
ENVIRONMENTS: list[dict[str, Any]] = [
    {"name": name, "release_states": [], "default_release_states": [], "retirement_notice_days": 0}
    for name in ("staging", "production")
]
TOOLS = {"name": "tools", "title": "Tool use"}
PRIVATE = {
    "identifier": "bedrock/us.anthropic.claude-sonnet-5-v1:0",
    "endpoint": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "api-key": "AIGW_MODEL_SONNET_API_KEY",
    "owner": "secret-team",
    "gateway": {"setting": "secret-setting"},
}
SONNET = {
    "id": "sonnet",
    "name": "Claude Sonnet 5",
    "release_state": "GA",
    "features": ["duo_chat", "fix"],
    "default_for": {"duo_chat": 80},
    "provider": "Bedrock",
    "context_window": 200000,
    "capabilities": ["tools"],
    **PRIVATE,
}
HAIKU = SONNET | {"id": "haiku", "name": "Claude Haiku 5", "default_for": {"duo_chat": 20}, "release_state": "BETA"}
RETIREMENT = {"notice": "2026-11-01", "last_day": "2027-03-01", "replacement": "haiku", "features": ["duo_chat"]}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and the texts between them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text += " " * (tag in ("dd", "td", "th"))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str]:
        return [value for _, attributes in self.elements for key in ("href", "src") if (value := attributes.get(key))]

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def site_of(production: list[dict[str, Any]], staging: list[dict[str, Any]] | None = None) -> dict[str, bytes]:
    registries = Registries.of(FEATURES, [], ENVIRONMENTS, capabilities=[TOOLS])
    values = {"production": production} | ({} if staging is None else {"staging": staging})
    rosters = {name: Roster.of(roster_path(name), name, value, registries=registries) for name, value in values.items()}
    artifacts = {f"{name}/offered_models.json": b"[]\n" for name in rosters}
    return build_site(Source(registries, rosters, {}, ON, PUBLISHED, COMMITTED, artifacts))


def pages(site: Mapping[str, bytes]) -> Iterator[tuple[str, Elements]]:
    return ((path, Elements(data)) for path, data in site.items() if path.endswith(".html"))


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    return site_of([SONNET | {"retirement": RETIREMENT}, HAIKU], [SONNET, HAIKU])


def cells(page: bytes, row: str) -> list[str]:
    found = re.search(rf'<tr[^>]*>\s*<th scope="row">(?:(?!</tr>).)*?{row}.*?</tr>', page.decode(), re.DOTALL)
    assert found
    return [re.sub("<[^>]+>", "", cell).strip() for cell in re.findall("<td.*?</td>", found[0], re.DOTALL)]


def test_no_file_has_private_values(site: dict[str, bytes]):
    values = [*(value for value in PRIVATE.values() if isinstance(value, str)), "secret-setting", "amazonaws", "AIGW_"]
    leaks = [(path, value) for path, data in site.items() for value in values if value in data.decode()]
    assert not leaks


def test_hostile_texts_are_texts_on_every_page():
    texts = dict.fromkeys(("name", "display_name", "description", "provider", "cost_indicator"), HOSTILE)
    hostile = SONNET | texts | {"processed_in": [HOSTILE], "suspended": {"since": "2026-12-24", "reason": HOSTILE}}
    site = site_of([hostile | {"retirement": RETIREMENT | {"replacement": HOSTILE}}], [hostile])
    expected = {"html", "head", "meta", "title", "link", "script", "body", "a", "header", "p", "img", "nav", "ul", "li"}
    expected |= {
        "main",
        "h1",
        "h2",
        "div",
        "form",
        "label",
        "input",
        "details",
        "summary",
        "select",
        "option",
        "button",
    }
    expected |= {"table", "thead", "tbody", "tr", "th", "td", "bdi", "span", "code", "dl", "dt", "dd", "time", "footer"}
    expected |= {"strong", "section", "small"}
    for path, page in pages(site):
        assert {tag for tag, _ in page.elements} <= expected, path
        assert [tag for tag, _ in page.elements].count("script") == ("matrix" in str(page.elements)), path
        assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on")], path
        assert "\u202e" not in page.text, path
        assert "49" not in page.text.replace("49ers", ""), path
    assert "<script>alert(1)</script>" in Elements(site["models/sonnet.html"]).text


def test_every_link_has_a_target(site: dict[str, bytes]):
    documented = site_of([SONNET | {"documentation": "https://docs.example.com/a?b=1&c=2"}, HAIKU])
    for path, page in [*pages(site), *pages(documented)]:
        ids = {attributes.get("id") for _, attributes in page.elements}
        for link in page.links:
            target, _, anchor = link.partition("#")
            if link.startswith("https://"):
                assert (path, link) == ("models/sonnet.html", "https://docs.example.com/a?b=1&c=2")
            elif target:
                assert normpath(str(PurePosixPath(path).parent / target)) in site, (path, link)
            assert not anchor or anchor in ids, (path, link)


def test_every_page_has_policy_and_no_inline_code(site: dict[str, bytes]):
    for path, page in pages(site):
        policies = [each["content"] for _, each in page.elements if each.get("http-equiv") == "Content-Security-Policy"]
        assert policies == [POLICY], path
        assert not [tag for tag, each in page.elements if tag == "style" or "style" in each], path
        assert all("src" in each for tag, each in page.elements if tag == "script"), path


def test_every_page_names_its_commit_and_data(site: dict[str, bytes]):
    expected = (
        "As of 30 November 2026. From commit 0123456789ab of 29 November 2026, 08:05 UTC, sequence 420020261130."
        " Data: production (offered_models.json of production); staging (offered_models.json of staging)."
    )
    for path, page in pages(site):
        assert expected in page.words, path


def test_matrix_shows_defaults_shares_and_states(site: dict[str, bytes]):
    assert cells(site["index.html"], "Claude Sonnet 5") == ["Default 80 %", "GA"]
    assert cells(site["index.html"], "Claude Haiku 5") == ["Default 20 % Beta", "Beta"]


def test_suspended_and_retired_models_have_no_offers():
    suspended = SONNET | {"suspended": {"since": "2026-11-01", "reason": "Errors"}}
    retired = HAIKU | {"retirement": RETIREMENT | {"last_day": "2026-11-29", "features": ["duo_chat", "fix"]}}
    other = SONNET | {"id": "other", "name": "Other", "default_for": []}
    site = site_of([suspended, retired, other])
    assert cells(site["index.html"], "Claude Sonnet 5") == ["", ""]
    assert "Suspended" in Elements(site["index.html"]).words
    assert "Retired Claude Haiku 5 Bedrock" in Elements(site["index.html"]).words
    assert "production: Suspended since 1 November 2026: Errors" in Elements(site["models/sonnet.html"]).words
    assert "production: Retired after 29 November 2026" in Elements(site["models/haiku.html"]).words
    assert "none: the feature does not work for users" in Elements(site["features/duo_chat.html"]).words


def test_feature_shows_default_now_and_next(site: dict[str, bytes]):
    words = Elements(site["features/duo_chat.html"]).words
    now = "Default now Claude Sonnet 5 Bedrock (80 %), Claude Haiku 5 Bedrock (20 %)"
    assert f"production {now} Default next from 2 March 2027: Claude Haiku 5 Bedrock Claude" in words
    assert f"staging {now} Default next no change announced" in words


def test_default_next_is_the_announced_replacement():
    sole = SONNET | {"default_for": ["duo_chat"], "retirement": RETIREMENT}
    page = site_of([sole, HAIKU | {"default_for": []}])["features/duo_chat.html"]
    assert "Default next from 2 March 2027: Claude Haiku 5 Bedrock Claude" in Elements(page).words
    shared = HAIKU | {"id": "other", "name": "Other"}
    page = site_of([SONNET | {"retirement": RETIREMENT}, HAIKU | {"default_for": []}, shared])["features/duo_chat.html"]
    assert "from 2 March 2027: Claude Haiku 5 Bedrock (80 %), Other Bedrock (20 %)" in Elements(page).words
    ended = sole | {"retirement": {key: value for key, value in RETIREMENT.items() if key != "replacement"}}
    page = site_of([ended, HAIKU | {"default_for": []}])["features/duo_chat.html"]
    assert "Default next from 2 March 2027: none" in Elements(page).words


def test_model_shows_facts_retirement_and_offers(site: dict[str, bytes]):
    words = Elements(site["models/sonnet.html"]).words
    assert "Context window 200,000 tokens Capabilities Tool use" in words
    assert "production: Retires after 1 March 2027, announced from 1 November 2026, only for General Chat." in words
    assert "Replacement: Claude Haiku 5 Bedrock." in words
    assert cells(site["models/sonnet.html"], "General Chat") == ["Default 80 %", "Default 80 %"]


def test_differences_list_what_is_not_the_same_everywhere():
    other = SONNET | {"context_window": 100000, "features": ["duo_chat"]}
    words = Elements(site_of([SONNET, HAIKU], [other])["differences.html"]).words
    assert "Claude Sonnet 5 Bedrock Context window 200,000 tokens 100,000 tokens" in words
    assert "GA not offered Claude Haiku 5 Bedrock Offered yes no" in words
    assert "General Chat Default 80 % Default" in words
    assert "Release state" not in words
    assert "no differences" in Elements(site_of([SONNET], [SONNET])["differences.html"]).words


def test_environment_without_roster_is_a_page(site: dict[str, bytes]):
    alone = site_of([SONNET])
    assert "the roster of staging is missing" in Elements(alone["environments/staging.html"]).words
    assert "environments/staging.html" in Elements(alone["index.html"]).links


def test_same_source_gives_same_bytes(site: dict[str, bytes]):
    assert site == site_of([SONNET | {"retirement": RETIREMENT}, HAIKU], [SONNET, HAIKU])
    assert json.loads(site["catalogue.json"])["files"] == sorted(site)


def test_filter_offers_regions_and_their_areas():
    page = site_of([SONNET | {"processed_in": ["eu-west-1", "us"]}])["index.html"].decode()
    choices = page.partition('<select name="region">')[2].partition("</select>")[0]
    assert re.findall("<option>(.*?)</option>", choices) == ["eu", "eu-west-1", "us"]
