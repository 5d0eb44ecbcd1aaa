"""A large roster, as varied as those of real gateways: 70 models, 35 features and 5 providers. Always the same.

Names are shared across providers, some descriptions are longer than 90 characters, some features have several
defaults, and there are retirements, beta models and internal models. ``gitlab_models`` and ``gitlab_unit_primitives``
are the same models in the shape of the AI gateway's own files, ``roster_entries`` in that of a roster.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FEATURES = {  # by GitLab's setting: the unit primitives
    "duo_chat": ["ask_build", "ask_commit"],
    "code_generations": ["generate_code"],
    "code_completions": ["complete_code"],
    "duo_chat_fix_code": ["fix_code"],
    "duo_chat_refactor_code": ["refactor_code"],
    "duo_chat_write_tests": ["write_tests"],
    "duo_chat_explain_code": ["explain_code"],
    "generate_commit_message": ["generate_commit_message"],
    "summarize_new_merge_request": ["summarize_new_merge_request"],
    "summarize_review": ["summarize_review"],
    "resolve_vulnerability": ["resolve_vulnerability"],
    "duo_chat_explain_vulnerability": ["explain_vulnerability"],
    "code_suggestions": ["generate_code", "complete_code"],
    "glab_ask_git_command": ["glab_ask_git_command"],
    "duo_chat_troubleshoot_job": ["troubleshoot_job"],
    "duo_generate_issue_description": ["generate_issue_description"],
    "duo_chat_summarize_comments": ["summarize_comments"],
    "duo_agent_platform": ["duo_agent_platform"],
    "duo_agent_platform_agentic_chat": ["duo_agent_platform"],
    "categorize_question": ["duo_chat"],
    "generate_description": ["generate_issue_description"],
    "measure_comment_temperature": ["measure_comment_temperature"],
    "workflow": ["duo_agent_platform"],
    "model_configuration": ["complete_code"],
    "embeddings_code": ["generate_embeddings_codebase"],
    "feature_discovery_search": ["feature_discovery_search"],
    "recommend_reviewers_post": [],
    "recommend_reviewers_assign": [],
    "review_merge_request": ["review_merge_request"],
    "review_merge_request_dap": [],
    "sast_vulnerability_fp_detection": [],
    "secret_vulnerability_fp_detection": [],
    "sast_vulnerability_resolution": [],
    "security_review": [],
    "resolve_dependency_bump": [],
}
NAMES = {  # settings whose feature has another name in the toolkit's registry
    "code_generations": "code-generation",
    "code_completions": "code-completion",
    "summarize_review": "summarize_mr_review",
}
_LONG = "Reads whole repositories at once, plans changes over many files, and explains every step it takes."
_SHORT = "Fast answers while you type."


class _Provider(NamedTuple):
    title: str
    prefix: str
    suffix: str
    endpoint: str
    class_: str


_ANTHROPIC = _Provider("Anthropic", "anthropic", "", "https://api.anthropic.com", "anthropic")
_VERTEX = _Provider("Vertex", "vertex_ai", "_vertex", "https://aiplatform.googleapis.com/v1", "litellm")
_BEDROCK = _Provider("Bedrock", "bedrock", "_bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com", "litellm")
_FIREWORKS = _Provider("Fireworks", "fireworks_ai", "_fireworks", "https://api.fireworks.ai/inference/v1", "litellm")
_OPENAI = _Provider("OpenAI", "openai", "", "https://api.openai.com/v1", "openai")
PROVIDERS = (_ANTHROPIC, _VERTEX, _BEDROCK, _FIREWORKS, _OPENAI)

_CHAT = tuple(name for name in FEATURES if name not in ("code_completions", "embeddings_code"))
_COMPLETION = ("code_completions", "code_suggestions")


class LargeModel(NamedTuple):
    """One model; ``state`` is its release state for all of its features."""

    name: str
    id: str
    provider: _Provider
    model: str
    family: str
    description: str
    cost: str
    window: int
    output: int
    features: tuple[str, ...]
    state: str = "GA"
    retires: bool = False


def models() -> list[LargeModel]:
    """Return the models, in the order of both shapes."""
    return [*_claude(), *_gpt(), *_gemini(), *_open_weights(), *_codestral(), *_internal()]


DEFAULTS: dict[str, dict[str, int]] = {
    **{name: {"claude_sonnet_4_7_vertex": 100} for name in _CHAT},
    "duo_chat": {"claude_sonnet_4_7": 20, "claude_sonnet_4_7_vertex": 80},
    "glab_ask_git_command": {"claude_haiku_4_7": 50, "claude_haiku_4_7_bedrock": 50},
    "code_completions": {"codestral_2508_fireworks": 100},
    "embeddings_code": {"gemini_embedding_vertex": 100},
}
"""By setting, the share of each default in percent."""
DEPRECATION = {"deprecation_date": "2098-08-10", "removal_version": "91.8"}
"""Of models that retire: a release in the far future, 2099-01-15, so that tests do not depend on the date."""


def gitlab_models() -> dict[str, Any]:
    """Return the content of the AI gateway's ``models.yml``."""
    return {"models": [_gitlab_model(model) for model in models()]}


def gitlab_unit_primitives() -> dict[str, Any]:
    """Return the content of the AI gateway's ``unit_primitives.yml``."""
    return {"configurable_unit_primitives": [_unit_primitive(setting) for setting in FEATURES]}


def roster_entries(*, with_credentials: bool = True) -> list[dict[str, Any]]:
    """Return the models as entries of a roster, with or without ``endpoint`` and ``api-key``."""
    return [_entry(model, with_credentials) for model in models()]


def write_gitlab_files(folder: Path) -> tuple[Path, Path]:
    """Write both files of the AI gateway, and return their paths."""
    paths = folder / "models.yml", folder / "unit_primitives.yml"
    for path, content in zip(paths, (gitlab_models(), gitlab_unit_primitives()), strict=True):
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return paths


def _claude() -> Iterator[LargeModel]:
    for version in ("4.7", "4.6", "4.5", "4.0"):
        for tier, cost, output in (("Opus", "$$$$", 64_000), ("Sonnet", "$$$", 64_000), ("Haiku", "$", 32_000)):
            for provider in (_ANTHROPIC, _VERTEX, _BEDROCK):
                slug = f"claude-{tier.lower()}-{version.replace('.', '-')}"
                yield LargeModel(
                    name=f"Claude {tier} {version}",
                    id=slug.replace("-", "_") + provider.suffix,
                    provider=provider,
                    model=f"anthropic.{slug}-v1:0" if provider is _BEDROCK else slug,
                    family="claude",
                    description=_LONG if tier == "Opus" else f"{tier}: balanced model for everyday work.",
                    cost=cost,
                    window=200_000,
                    output=output,
                    features=_CHAT[:22] if version == "4.0" else _CHAT,
                    state="BETA" if version == "4.6" and tier == "Haiku" else "GA",
                    retires=version == "4.0",
                )


def _gpt() -> Iterator[LargeModel]:
    for version in ("5", "5.1", "5.2", "5.3", "5.4", "5.5"):
        for tier in ("", " Mini"):
            slug = f"gpt-{version}{tier}".lower().replace(" ", "-")
            yield LargeModel(
                name=f"GPT-{version}{tier}",
                id=slug.replace("-", "_").replace(".", "_"),
                provider=_OPENAI,
                model=f"{slug}-2026-03-05",
                family="gpt",
                description=_SHORT if tier else _LONG,
                cost="$" if tier else "$$$",
                window=400_000,
                output=128_000,
                features=("duo_agent_platform", "duo_agent_platform_agentic_chat", "duo_chat"),
                state="BETA" if version == "5.5" else "GA",
            )


def _gemini() -> Iterator[LargeModel]:
    for version in ("2.5", "3.0", "3.1", "3.5"):
        for tier in ("Flash", "Pro"):
            slug = f"gemini-{version}-{tier.lower()}"
            id_ = f"gemini_{version.replace('.', '_')}_{tier.lower()}_vertex"
            features = ("code_generations", "measure_comment_temperature", "duo_agent_platform")
            yield LargeModel(
                f"Gemini {version} {tier}", id_, _VERTEX, slug, "gemini", _LONG, "$$", 1_000_000, 65_535, features
            )
    embedding = "gemini_embedding_vertex", _VERTEX, "text-embedding-005", "gemini", "Search for code.", "$", 2_048, 1
    yield LargeModel("Text embedding", *embedding, features=("embeddings_code",))


def _open_weights() -> Iterator[LargeModel]:
    for name, family in (("Qwen 3 Coder", "qwen"), ("Qwen 3.6 27B", "qwen"), ("Llama 3.3 70B", "llama3")):
        for size in ("", " Fast"):
            slug = f"{name}{size}".lower().replace(" ", "-").replace(".", "p")
            model = f"accounts/fireworks/models/{slug}"
            id_, features = f"{slug.replace('-', '_')}_fireworks", ("code_generations", "duo_agent_platform")
            yield LargeModel(f"{name}{size}", id_, _FIREWORKS, model, family, _LONG, "$", 256_000, 32_768, features)


def _codestral() -> Iterator[LargeModel]:
    for version in ("25.01", "25.08"):
        for provider in (_FIREWORKS, _VERTEX):
            slug = f"codestral-{version.replace('.', '')}"
            id_ = slug.replace("-", "_") + provider.suffix
            rest = (provider, slug, "codestral", _SHORT, "$", 256_000, 64, _COMPLETION)
            yield LargeModel(f"Codestral {version}", id_, *rest)


def _internal() -> Iterator[LargeModel]:
    for number in (1, 2, 3):
        slug = f"gemini-next-{number}-preview"
        rest = (_VERTEX, slug, "gemini", "For our own people.", "$$$", 2_000_000, 65_535, ("duo_agent_platform",))
        yield LargeModel(f"Gemini Next {number}", slug.replace("-", "_"), *rest, state="EXPERIMENT")


def _entry(model: LargeModel, with_credentials: bool) -> dict[str, Any]:
    default_for = {NAMES.get(name, name): shares[model.id] for name, shares in DEFAULTS.items() if model.id in shares}
    credentials = {
        "api-key": f"AIGW_MODEL_{model.id.upper()}_API_KEY",
        "endpoint": model.provider.endpoint,
    }
    return {
        "name": model.name,
        "identifier": f"{model.provider.prefix}/{model.model}",
        **(credentials if with_credentials else {}),
        "release_state": model.state,
        "family": model.family,
        "features": [NAMES.get(name, name) for name in model.features],
        **({"default_for": default_for} if default_for else {}),
        "id": model.id,
        "display_name": model.name,
        "description": model.description,
        "provider": model.provider.title,
        "cost_indicator": model.cost,
        **({"retirement": {"notice": "2098-08-10", "last_day": "2099-01-15"}} if model.retires else {}),
        "context_window": model.window,
        "max_output_tokens": model.output,
    }


def _gitlab_model(model: LargeModel) -> dict[str, Any]:
    prefix = {} if model.provider.class_ != "litellm" else {"custom_llm_provider": model.provider.prefix}
    identifier = f"bedrock/{model.model}" if model.provider is _BEDROCK else model.model
    return {
        "name": model.name,
        "provider": model.provider.title,
        "gitlab_identifier": model.id,
        "description": model.description,
        "cost_indicator": model.cost,
        "max_context_tokens": model.window,
        "family": ["completion_fim", model.family] if model.family == "codestral" else [model.family],
        "model_class_provider": "litellm_completion" if model.family == "codestral" else model.provider.class_,
        **({"proxy_provider": model.provider.prefix} if not prefix else {}),
        "params": {"model": identifier, **prefix, "temperature": 0.0, "max_tokens": model.output},
        **({"prompt_params": {"vertex_location": "global"}} if model.provider is _VERTEX else {}),
        **({"deprecation": DEPRECATION} if model.retires else {}),
    }


def _unit_primitive(setting: str) -> dict[str, Any]:
    serving = [model for model in models() if setting in model.features]
    shares = DEFAULTS[setting]
    is_weighted = len(set(shares.values())) > 1
    beta, internal = ([model.id for model in serving if model.state == state] for state in ("BETA", "EXPERIMENT"))
    return {
        "feature_setting": setting,
        "unit_primitives": FEATURES[setting],
        "default_models": [
            {"identifier": id_, "weight": share} if is_weighted else id_ for id_, share in shares.items()
        ],
        "selectable_models": sorted(model.id for model in serving if model.state == "GA"),
        **({"beta_models": beta} if beta else {}),
        **({"dev": {"selectable_models": internal}} if internal else {}),
    }
