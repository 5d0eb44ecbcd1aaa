"""Which names in answers are those of the model that was asked."""

from roster.probe.model_names import is_same_model, public_spelling

SAME = (
    ("openai/gpt-4o", "gpt-4o-2024-08-06"),
    ("openai/gpt-4", "gpt-4-0613"),
    ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
    ("anthropic/claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
    ("anthropic/claude-opus-4-0", "claude-opus-4-20250514"),
    ("bedrock/us.anthropic.claude-3-7-sonnet-20250219-v1:0", "anthropic.claude-3-7-sonnet-20250219-v1:0"),
    ("bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", "claude-3-7-sonnet-20250219"),
    ("bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/x", "claude-3-7-sonnet-20250219"),
    ("vertex_ai/claude-sonnet-4@20250514", "claude-sonnet-4-20250514"),
    ("vertex_ai/gemini-2.0-flash", "gemini-2.0-flash-001"),
    ("gemini/gemini-2.5-pro", "models/gemini-2.5-pro-preview-05-06"),
    ("fireworks_ai/qwen2p5-coder-7b", "accounts/fireworks/models/qwen2p5-coder-7b"),
    ("fireworks_ai/qwen2p5-coder-7b", "Qwen2.5-Coder-7B"),
    ("fireworks_ai/accounts/a/models/m#accounts/a/deployments/d", "accounts/a/models/m"),
    ("mistral/codestral-latest", "codestral-2501"),
    ("cohere/command-r-plus", "command-r-plus-08-2024"),
    ("openrouter/anthropic/claude-3.5-sonnet:beta", "anthropic/claude-3-5-sonnet"),
    ("together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo", "meta-llama/Llama-3.3-70B-Instruct-Turbo"),
    ("azure/our-chat", "gpt-4o-2024-11-20"),
)
DIFFERENT = (
    ("openai/gpt-4o", "gpt-4o-mini-2024-07-18"),
    ("openai/gpt-4", "gpt-4-turbo-2024-04-09"),
    ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-11-20"),
    ("openai/gpt-4.1", "gpt-4"),
    ("openai/gpt-5", "gpt-5-nano-2025-08-07"),
    ("anthropic/claude-opus-4", "claude-opus-4-1-20250805"),
    ("anthropic/claude-3-7-sonnet-20250219", "claude-3-5-sonnet-20241022"),
    ("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", "anthropic.claude-3-7-sonnet-20250219-v1:0"),
    ("vertex_ai/gemini-2.5-pro", "gemini-2.5-flash"),
    ("fireworks_ai/qwen2p5-coder-7b", "accounts/fireworks/models/qwen2p5-coder-32b"),
    ("mistral/mistral-large-latest", "mistral-small-2503"),
)


def test_other_spellings_of_a_model_are_the_same():
    assert [pair for pair in SAME if not is_same_model(*pair)] == []


def test_other_models_and_versions_are_different():
    assert [pair for pair in DIFFERENT if is_same_model(*pair)] == []


def test_only_public_names_are_shown():
    names = ["openai/gpt-4o-mini", "anthropic.claude-v2"]
    assert public_spelling("GPT-4o-mini", names) == "gpt-4o-mini"
    assert public_spelling("sk-a-key-0123456789", names) == ""
