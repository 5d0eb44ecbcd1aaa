"""The prefixes of identifiers: which entries of the public sources are of the same provider.

Sources:
- LiteLLM 1.106: litellm/utils.py (_check_provider_match, get_potential_model_names), litellm/types/utils.py
- models.dev: the folders of https://github.com/anomalyco/models.dev/tree/dev/providers, read 2026-11-30
"""

_SAME_PROVIDER = {
    "bedrock_converse": "bedrock",
    "cohere_chat": "cohere",
    "azure_text": "azure",
    "vertex_ai_beta": "vertex_ai",
    "ollama_chat": "ollama",
    "sagemaker_chat": "sagemaker",
    "watsonx_text": "watsonx",
    "ai21_chat": "ai21",
}
"""Prefixes, and values of ``litellm_provider``, that LiteLLM treats like another prefix."""

_GROUP_STARTS = ("vertex_ai-", "fireworks_ai-")
"""Starts of ``litellm_provider`` that continue with a kind of model: vertex_ai-anthropic_models."""

_ALSO = {"bedrock_mantle": ("bedrock",)}
"""Groups whose models may be listed in another group, too."""

_CHOSEN_NAMES = frozenset(
    {
        "azure", "azure_ai", "sagemaker", "custom", "custom_openai", "datarobot", "docker_model_runner", "hosted_vllm",
        "huggingface", "infinity", "litellm_proxy", "llamafile", "lm_studio", "ollama", "openai_like", "aiohttp_openai",
        "predibase", "snowflake", "triton", "vllm", "xinference",
    }
)  # fmt: skip
"""Groups in which customers choose the names themselves: deployments, endpoints and servers. No list is complete."""

MODELS_DEV_PROVIDERS = {
    "anthropic": ("anthropic",),
    "azure": ("azure", "azure-cognitive-services"),
    "azure_ai": ("azure-cognitive-services", "azure"),
    "baseten": ("baseten",),
    "bedrock": ("amazon-bedrock",),
    "bedrock_mantle": ("amazon-bedrock",),
    "cerebras": ("cerebras",),
    "chutes": ("chutes",),
    "clarifai": ("clarifai",),
    "cloudflare": ("cloudflare-workers-ai",),
    "codestral": ("mistral",),
    "cohere": ("cohere",),
    "dashscope": ("alibaba",),
    "databricks": ("databricks",),
    "deepinfra": ("deepinfra",),
    "deepseek": ("deepseek",),
    "fireworks_ai": ("fireworks-ai",),
    "friendliai": ("friendli",),
    "gemini": ("google",),
    "github": ("github-models",),
    "github_copilot": ("github-copilot",),
    "groq": ("groq",),
    "huggingface": ("huggingface",),
    "inception": ("inception",),
    "meta_llama": ("llama",),
    "minimax": ("minimax",),
    "mistral": ("mistral",),
    "modelscope": ("modelscope",),
    "moonshot": ("moonshotai",),
    "morph": ("morph",),
    "nebius": ("nebius",),
    "novita": ("novita-ai",),
    "nvidia_nim": ("nvidia",),
    "openai": ("openai",),
    "openrouter": ("openrouter",),
    "ovhcloud": ("ovhcloud",),
    "perplexity": ("perplexity",),
    "poe": ("poe",),
    "sap": ("sap-ai-core",),
    "scaleway": ("scaleway",),
    "snowflake": ("snowflake-cortex",),
    "text-completion-codestral": ("mistral",),
    "text-completion-openai": ("openai",),
    "together_ai": ("togetherai",),
    "v0": ("v0",),
    "vercel_ai_gateway": ("vercel",),
    "vertex_ai": ("google-vertex", "google-vertex-anthropic"),
    "wandb": ("wandb",),
    "xai": ("xai",),
    "zai": ("zai",),
}
"""The providers of models.dev with the models of a group; the first one that lists a model counts."""


def group_of(prefix: str) -> str:
    """Return the group of a prefix, or of a ``litellm_provider``: one name for what LiteLLM treats alike."""
    for start in _GROUP_STARTS:
        if prefix.startswith(start):
            return start[:-1]
    return _SAME_PROVIDER.get(prefix, prefix)


def groups_of(prefix: str) -> tuple[str, ...]:
    """Return the groups that may list the models of a prefix, in the order in which they count."""
    group = group_of(prefix)
    return (group, *_ALSO.get(group, ()))


def has_chosen_names(prefix: str) -> bool:
    """Return whether customers choose the names behind a prefix, so that a list of models says nothing about them."""
    return group_of(prefix) in _CHOSEN_NAMES
