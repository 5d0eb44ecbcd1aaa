"""A sample list, selections of every kind, and a state built from them without a database."""

from datetime import UTC, date, datetime

from roster.accept.accepted_list import Tombstone
from roster.instance.selection.offered_list import ListedModel, OfferedFeature, OfferedList, OfferedRetirement
from roster.instance.selection.requested_selection import RequestedSelection
from roster.instance.selection.selections import Selection, SelectionVersion
from roster.instance.selection.state import InstanceState, InstanceStatus, ListInfo, SyncRun

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '<script>alert("𝒳\u202e")</script>'
RETIREMENT = OfferedRetirement(date(2026, 8, 5), date(2026, 12, 1), "sonnet_4")


def _model(id_: str, name: str, state: str, provider: str | None, description: str | None, cost: str | None = None):
    return ListedModel(id_, name, state, provider, description, cost, offered=True)


_MODELS = (
    _model(
        "sonnet_4", "GitLab: Claude Sonnet 4", "GA", "Vertex AI", "Balanced: strong at code, quick to answer", "$$"
    )._replace(
        context_window=200_000,
        max_output_tokens=64_000,
        capabilities=("tools", "vision"),
        processed_in=("eu", "us"),
        data_retention_days=0,
        documentation="https://docs.example.com/claude?a=1&b=2",
    ),
    _model("sonnet_3_7", "GitLab: Claude 3.7 Sonnet", "GA", "Bedrock", "Balanced coding model", "$$"),
    _model("opus_4", "GitLab: Claude Opus 4", "BETA", "Bedrock", "For the hardest questions, at its own pace", "$$$$"),
    _model("codestral", "GitLab: Codestral 25.01", "GA", "Fireworks AI", "Completes code while it is typed", "$"),
    _model("gemini", "GitLab: Gemini 2.5 Flash", "EXPERIMENT", "Vertex AI", "Fast and light", "$"),
    _model("hostile", HOSTILE, "GA", None, None),
    _model("haiku_3_5", "GitLab: Claude 3.5 Haiku", "GA", "Bedrock", "Small and quick", "$")._replace(offered=False),
    _model("sonnet_3_5", "GitLab: Claude 3.5 Sonnet", "GA", "Bedrock", "The one before", "$$")._replace(offered=False),
)


def _feature(name: str, title: str, category: str, *models: str) -> OfferedFeature:
    serving = {id_: RETIREMENT if id_ == "sonnet_3_7" else None for id_ in models}
    return OfferedFeature(name, title, category, next(iter(models), None), "list", bool(models), serving)


LIST = OfferedList(
    {
        each.name: each
        for each in (
            _feature("code-completion", "Code Completion", "code_suggestions", "codestral", "sonnet_4", "gemini"),
            _feature("code-generation", "Code Generation", "code_suggestions", "sonnet_4", "sonnet_3_7", "codestral"),
            _feature("duo_chat", "General Chat", "duo_chat", "sonnet_4", "sonnet_3_7", "opus_4", "gemini"),
            _feature("duo_chat_explain_code", "Code Explanation", "duo_chat", "sonnet_4", "opus_4"),
            _feature("duo_chat_write_tests", "Test Generation", "duo_chat", "sonnet_4", "opus_4"),
            _feature("summarize_mr_review", "Code Review Summary", "code_review_workflow", "sonnet_4", "sonnet_3_7"),
            _feature("resolve_vulnerability", "Vulnerability Resolution", "vulnerability_management", "hostile"),
            _feature("glab_ask", "Duo for CLI", "gitlab_cli"),
        )
    },
    {model.id: model for model in _MODELS},
    {("haiku_3_5", ""): Tombstone("haiku_3_5", date(2026, 6, 30), "sonnet_4")},
)
SELECTIONS = (
    RequestedSelection("code-generation", ("codestral", "sonnet_4"), "codestral"),
    RequestedSelection("duo_chat", ("sonnet_4", "haiku_3_5", "opus_4"), "haiku_3_5"),
    RequestedSelection("duo_chat_explain_code", ("sonnet_3_5",), "sonnet_3_5"),
    RequestedSelection("duo_chat_write_tests", ("sonnet_4", "opus_4", "sonnet_3_5"), "opus_4"),
    RequestedSelection("summarize_mr_review", ("sonnet_3_7",), "sonnet_3_7"),
    RequestedSelection("glab_ask", ("sonnet_3_5",), "sonnet_3_5"),
)


def state(
    *selections: RequestedSelection,
    offered: OfferedList = LIST,
    run: SyncRun | None = None,
    checked_at: datetime | None = NOW,
    replaced_at: datetime = NOW,
    versions: dict[str, SelectionVersion] | None = None,
) -> InstanceState:
    """Build a state as the reader returns it."""
    info = ListInfo(1, "definitions", "https://gateway.example.com", None, "0" * 64, replaced_at)
    status = InstanceStatus(True, info if offered.features else None, checked_at, run)
    instance = {requested.feature: selection(requested) for requested in selections}
    by_feature: dict[tuple[int | None, str], SelectionVersion] = {
        (None, feature): version for feature, version in (versions or {}).items()
    }
    return InstanceState(status, offered, instance, {}, by_feature)


def selection(requested: RequestedSelection) -> Selection:
    feature = LIST.features.get(requested.feature)
    category = feature.category if feature else "another_category"
    row = Selection(1, None, requested.feature, category, requested.stored_models, requested.default_model, NOW, NOW)
    return row._replace(mode=requested.mode)
