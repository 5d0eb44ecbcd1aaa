"""The pages of models: rendered HTML, bad input, and that names are text."""

import re
from collections.abc import Iterator
from html import escape

import pytest
from starlette.testclient import TestClient

from roster.instance.database.connections import Database
from roster.instance.http import paths
from tests.instance.page.page_server import make_app
from tests.instance.page.sample_state import HOSTILE
from tests.instance.page.test_router import sign_in_as
from tests.instance.selection.namespace_rows import store_namespaces


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    with TestClient(make_app(database), base_url="http://127.0.0.1:8080", follow_redirects=False) as opened:
        sign_in_as(opened)
        yield opened


def text(html: str) -> str:
    """Return the text of a page on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_models_are_rows_without_their_features(client: TestClient):
    html = client.get(paths.MODELS).text
    assert re.findall(r'<details data-model="(\w+)"', html)[:3] == ["sonnet_4", "gemini", "sonnet_3_7"]
    assert "<table" not in html
    assert "Serves 2 features 2 of 2 allowed codestral" in text(html)


def test_names_are_text(client: TestClient):
    for path in (paths.MODELS, f"{paths.MODELS}?model=hostile", f"{paths.COMPARISON}?model=hostile&model=opus_4"):
        html = client.get(path).text
        assert HOSTILE not in html
        assert "<script>alert" not in html
        assert f"<bdi>{str(escape(HOSTILE)).replace('&quot;', '&#34;')}</bdi>" in html


def test_page_of_a_model_has_its_facts_and_features(client: TestClient):
    shown = text(client.get(f"{paths.MODELS}?model=sonnet_4").text)
    for part in (
        "Context 200,000 tokens",
        "Prompts processed in eu, us",
        "Prompts stored for Prompts are not stored",
        "General Chat Roster default Serves it Allowed GA",
        "Code Explanation Roster default Serves it Not allowed GA",
    ):
        assert part in shown
    retiring = text(client.get(f"{paths.MODELS}?model=sonnet_3_7").text)
    assert "Code Review Summary Your default Serves it Allowed GA" in retiring
    assert len(re.findall("(retires|was retired) on 1 December 2026", retiring)) == 1


def test_selections_of_namespaces_are_counted(client: TestClient, database: Database):
    chosen = [(1, "duo_chat", "opus_4"), (2, "duo_chat", "opus_4"), (2, "duo_chat_explain_code", "opus_4")]
    with database.write_transaction() as connection:
        store_namespaces(connection, chosen)
    assert "Selected 3 times by namespaces" in text(client.get(paths.MODELS).text)
    html = client.get(f"{paths.MODELS}?model=opus_4").text
    assert "Allowed, 2 namespaces that selected it for General Chat" in text(html)
    assert f'href="{paths.NAMESPACES}?feature=duo_chat&amp;model=opus_4"' in html
    compared = text(client.get(paths.COMPARISON, params={"model": ["opus_4", "sonnet_4"]}).text)
    assert "Allowed (2 namespaces)" in compared
    assert "Not allowed (1 namespace)" in compared


def test_unknown_model_is_a_page(client: TestClient):
    response = client.get(f"{paths.MODELS}?model=<b>")
    assert response.status_code == 404
    assert "No model has the ID <code><bdi>&lt;b&gt;</bdi></code>." in response.text
    assert f'<a href="{paths.MODELS}">All models</a>' in response.text


def test_comparison_shows_models_side_by_side(client: TestClient):
    response = client.get(paths.COMPARISON, params={"model": ["sonnet_4", "codestral"]})
    shown = text(response.text)
    assert response.status_code == 200
    for part in (
        "Provider Vertex AI Fireworks AI",
        "Cost $$ $",
        "Context 200,000 tokens Unknown",
        "Only this model can serve General Chat Code Explanation",
        "General Chat Allowed Roster default Serves it – Cannot serve it",
    ):
        assert part in shown
    assert f'href="{paths.MODELS}?compare=sonnet_4&amp;compare=codestral"' in response.text.replace(
        "4&compare", "4&amp;compare"
    )


@pytest.mark.parametrize(
    ("ids", "status", "sentence"),
    [
        ([], 400, "No model is chosen. A comparison shows 2 to 5 models side by side."),
        (["opus_4", "opus_4"], 400, "1 model is chosen."),
        (["sonnet_4", "sonnet_3_7", "opus_4", "codestral", "gemini", "hostile"], 400, "6 models are chosen."),
        (["opus_4", "<b>"], 404, "No model has the ID &lt;b&gt; ."),
        (["x" * 10_000, *map(str, range(9))], 404, "and 5 more."),
    ],
    ids=["none", "one", "six", "unknown", "many unknown"],
)
def test_models_that_cannot_be_compared_are_explained(client: TestClient, ids: list[str], status: int, sentence: str):
    response = client.get(paths.COMPARISON, params={"model": ids})
    assert response.status_code == status
    assert sentence in text(response.text)
    assert "Choose other models" in response.text


def test_choice_of_models_is_kept_in_the_address(client: TestClient):
    html = client.get(f"{paths.MODELS}?compare=opus_4&compare=unknown").text
    assert re.findall(r'value="(\w+)" form="compare" checked', html) == ["opus_4"]


def test_visitor_is_redirected_to_sign_in_and_back(client: TestClient):
    client.cookies.clear()
    response = client.get(f"{paths.COMPARISON}?model=opus_4")
    assert response.status_code == 303
    assert response.headers["location"].startswith(paths.SIGN_IN)
