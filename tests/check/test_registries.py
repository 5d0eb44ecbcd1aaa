"""Loading of the registries, and the errors for invalid ones."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from roster.check import loading
from roster.check.loading import load_registries
from roster.findings import ConfigurationError
from roster.registries import CAPABILITIES, ENVIRONMENTS, FAMILIES, FEATURES, PROVIDERS
from roster.repository import Repository
from roster.yaml.parser import MAX_BYTES
from tests.conftest import ROOT
from tests.single_roster import CLEAN, repository

REGISTRIES = load_registries(Repository(ROOT))


def load_error(path: str, change: Callable[[str], str]) -> str:
    """Return the error for a registry with a change."""
    broken = repository(CLEAN)
    before = (ROOT / path).read_text(encoding="utf-8")
    broken.files[path] = change(before).encode()
    assert broken.files[path].decode() != before
    with pytest.raises(ConfigurationError) as error:
        load_registries(broken)
    return str(error.value)


def test_registries_of_this_repository_are_valid():
    for path in (FEATURES, FAMILIES, PROVIDERS, CAPABILITIES, ENVIRONMENTS):
        assert load_error(path, lambda text: text + "- 5\n").startswith(f"{path}:")  # and without it they are accepted
    assert REGISTRIES.features["duo_chat"].title == "General Chat"
    assert list(REGISTRIES.environments) == ["staging-ref", "staging", "production"]


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        (FAMILIES, "- claude\n", "- claude\n- claude\n", '"claude" is in this registry twice (first defined on'),
        (FEATURES, "name: duo_chat\n", "name: code-completion\n", '"code-completion" is in this registry twice'),
        (FEATURES, "[chat, duo-chat]", "[completion]", ':13: "completion" is in this registry twice (first'),
        (FEATURES, "[chat, duo-chat]", "[duo_chat]", ':13: "duo_chat" is in this registry twice (first'),
        (FEATURES, "[chat, duo-chat]", "[code-generation]", ':13: "code-generation" is in this registry twice'),
        (FEATURES, "[completion, ", "[duo_chat, ", ':20:13: "duo_chat" is in this registry twice (also'),
        (FEATURES, "[chat, duo-chat]", "[chat, chat]", '"chat" is in this list twice (first defined on line 36)'),
        (FEATURES, "[chat, duo-chat]", "[]", '"aliases" is empty; expected: at least one'),
        (FEATURES, "title: General Chat", 'title: " Chat"', '"title" cannot be " Chat"; write Chat'),
        (FEATURES, "title: General Chat", 'title: "\\ufeff"', '"title" cannot be "\\ufeff"; expected: a title'),
        (FEATURES, "required: true", "required: 1", '"required" must be true or false, not a number'),
        (ENVIRONMENTS, "name: staging\n", "name: production\n", '"production" is in this registry twice'),
        (
            ENVIRONMENTS,
            "[BETA, GA]\n  default",
            "[BETA, BETA]\n  default",
            '"BETA" is in this list twice (first defined on line 31); remove one',
        ),
        (ENVIRONMENTS, "days: 90", "days: -1", '"retirement_notice_days" cannot be "-1"; expected: a whole number'),
        (ENVIRONMENTS, "days: 90", "days: many", '"retirement_notice_days" must be a whole number, not "many"'),
        (ENVIRONMENTS, "trial_days: 7", "trial_days: 1e1", 'must be a whole number, not "1e1"; write 10'),
        (FEATURES, "required: true", "required: yes", '"required" must be true or false, not "yes"; write true'),
        (
            FEATURES,
            "unit_primitives: [ask_build, ask_commit]",
            "unit_primitives:\n    - ask_build\n      - ask_commit",
            "write each on a line of its own, indented alike: ask_build, ask_commit",
        ),
        (ENVIRONMENTS, "name: production", "nmae: production", 'unknown key "nmae"; did you mean "name"?'),
        (FAMILIES, "- claude\n", "- Claude\n", 'cannot be "Claude"; write claude'),
        (CAPABILITIES, "name: vision", "name: tools", '"tools" is in this registry twice (first defined on line'),
        (CAPABILITIES, "aliases: [images,", "aliases: [tools,", '"tools" is in this registry twice'),
        (CAPABILITIES, "name: fim", "name: FIM", 'cannot be "FIM"; write fim'),
        (
            FEATURES,
            "unit_primitives: [complete_code]",
            "unit_primitives: [complete_code]\n  requires: [fim, sreaming]",
            '"code-completion" requires the unknown capability "sreaming"; did you mean "streaming"?',
        ),
        (
            FEATURES,
            "unit_primitives: [complete_code]",
            "unit_primitives: [complete_code]\n  requires: [time-travel]",
            'unknown capability "time-travel"; add it to schemas/capabilities.yaml',
        ),
        (ENVIRONMENTS, "trial_days: 7", "allowed_regions: [EU]", 'cannot be "EU"; write eu'),
        (ENVIRONMENTS, "trial_days: 7", "allowed_regions: []", '"allowed_regions" is empty'),
        (ENVIRONMENTS, "trial_days: 7", "max_data_retention_days: -1", 'cannot be "-1"; expected: a whole number'),
        (PROVIDERS, "name: groq", "name: xai", '"xai" is in this registry twice (first defined on line'),
        (PROVIDERS, "prefixes: [groq]", "prefixes: [bedrock]", '"bedrock" is in this registry twice'),
        (PROVIDERS, "prefixes: [groq]", "prefixes: [grok]", '"grok" is in this registry twice'),
        (PROVIDERS, "prefixes: [groq]", "prefixes: [groq/]", 'cannot be "groq/"; expected: letters, digits, hyphens'),
        (PROVIDERS, "prefixes: [groq]", "prefix: groq", 'unknown key "prefix"; did you mean "prefixes"?'),
        (PROVIDERS, "credential: per-model", "credential: model", 'expected: per-model, per-provider or ambient'),
        (PROVIDERS, "https://api.groq.com", "https://10.0.0.1", 'the host "10.0.0.1" is not public'),
        (PROVIDERS, "https://api.groq.com", "https://a:b@api.groq.com", "the endpoint contains a user name or a"),
        (
            PROVIDERS,
            "hosts: [api.cohere.com, ",
            "hosts: [",
            '"api.cohere.com" is not one of this provider\'s hosts; add it to hosts',
        ),
        (PROVIDERS, "[api.cohere.com", "['https://api.cohere.com'", "expected: a host name in lower case, such as"),
        (PROVIDERS, "  endpoint: https://api.groq.com/openai/v1\n", "", "at hosts of the provider, but it has none"),
        (PROVIDERS, "eu.: [eu-", "eu: [eu-", "expected: a region and a dot, such as eu."),
    ],
)  # fmt: skip
def test_invalid_registry_is_one_error(path: str, old: str, new: str, expected: str):
    sentence = load_error(path, lambda text: text.replace(old, new, 1))
    assert re.fullmatch(rf"{re.escape(path)}:\d+:\d+: [^\n]+", sentence)
    assert expected in sentence


def test_feature_without_category_setting_and_unit_primitives_is_valid():
    extended = repository(CLEAN)
    minimal = "- {name: code-review-summary, title: Review, unit_primitives: [], required: false}\n"
    extended.files[FEATURES] = (ROOT / FEATURES).read_bytes() + minimal.encode()
    feature = load_registries(extended).features["code-review-summary"]
    assert (feature.category, feature.setting, feature.unit_primitives) == ("", "code_review_summary", ())


def test_derived_setting_of_another_feature_is_rejected():
    minimal = "- {name: x-y, title: Review, unit_primitives: [], required: false}\n"
    error = load_error(FEATURES, lambda text: text.replace("setting: duo_chat\n", "setting: x_y\n") + minimal)
    assert error.endswith(
        'the setting "x_y" of "x-y" is also that of "duo_chat" (first defined on line 30); add another "setting:"'
    )


def test_invalid_registry_error_has_position():
    sentence = load_error(FAMILIES, lambda text: text.replace("- mistral\n", "- mistral\n- claude\n"))
    line = (ROOT / FAMILIES).read_text(encoding="utf-8").splitlines().index("- mistral") + 2
    assert sentence == f'{FAMILIES}:{line}:3: "claude" is in this registry twice (first defined on line 6); remove one'


@pytest.mark.parametrize("path", [FEATURES, FAMILIES, PROVIDERS, CAPABILITIES, ENVIRONMENTS])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[]\n", "the registry of {} is empty; list at least one"),
        ("", "the registry of {} is empty; list at least one"),
        ("# comment\n", "the registry of {} is empty; list at least one"),
        ("null\n", "the registry of {} is empty; list at least one"),
        ("{}\n", "the file must be a list, not a mapping; start each item with"),
        ("text\n", "the file must be a list, not text; start each item with"),
    ],
)
def test_empty_registry_is_named(path: str, text: str, expected: str):
    name = path.rpartition("/")[2].removesuffix(".yaml")
    assert load_error(path, lambda _: text).startswith(f"{path}:1:1: {expected.format(name)}")


def test_missing_registry_error_names_copy_of_toolkit(checkout: Path):
    for path in (FEATURES, FAMILIES):
        (checkout / path).rename(checkout / "moved")
        with pytest.raises(ConfigurationError) as error:
            load_registries(Repository(checkout))
        toolkit = ROOT / path
        assert str(error.value) == f"{path} is missing: restore it, or copy the toolkit's: {toolkit}"
        (checkout / "moved").rename(checkout / path)


@pytest.mark.parametrize("path", [FEATURES, FAMILIES, PROVIDERS, ENVIRONMENTS])
def test_pipe_or_device_in_place_of_registry_is_not_read(checkout: Path, path: str):
    for replace in (os.mkfifo, lambda file: file.symlink_to("/dev/zero")):
        (checkout / path).unlink()
        replace(checkout / path)
        with pytest.raises(ConfigurationError, match=f"{path} cannot be read: not a regular file"):
            load_registries(Repository(checkout))


def test_registry_is_read_up_to_the_size_limit(checkout: Path):
    with (checkout / FEATURES).open("r+b") as file:
        file.truncate(100 * MAX_BYTES)
    assert len(Repository(checkout).read(FEATURES)) == MAX_BYTES + 1
    with pytest.raises(ConfigurationError, match="the file is larger than 8 MiB"):
        load_registries(Repository(checkout))


def test_copy_of_a_shipped_registry_is_not_validated_again(checkout: Path, monkeypatch: pytest.MonkeyPatch):
    """Its schema may be compiled only for a registry that differs from the toolkit's."""
    validated: list[str] = []
    monkeypatch.setattr(loading, "_validate", lambda _repository, document, _schema: validated.append(document.path))
    load_registries(Repository(checkout))
    (checkout / FEATURES).write_text((checkout / FEATURES).read_text() + "\n")
    (checkout / "schemas/families.schema.json").write_text("{}")
    (checkout / PROVIDERS).unlink()
    load_registries(Repository(checkout))
    load_registries(Repository(ROOT))
    changed = [FEATURES, FAMILIES, ENVIRONMENTS]
    assert validated == [ENVIRONMENTS, *changed, *changed, PROVIDERS, CAPABILITIES]


def _replace(old: str, new: str, text: str) -> str:
    return text.replace(old, new)


def test_secret_in_registry_is_rejected_and_not_shown():
    secret = "glpat-x9Kq2LmN7pRt4VwY8zBc"
    changes = [
        (FEATURES, "title: General Chat", f"title: {secret}"),  # artifacts contain titles
        (FEATURES, "title: General Chat", f"title: General Chat # {secret}"),
        (FEATURES, "title: General Chat", f"title: General Chat\n  {secret}: 1"),
        (PROVIDERS, "title: Groq", f"title: {secret}"),
        (FAMILIES, "- claude", f"# the key was {secret}\n- claude"),
        (ENVIRONMENTS, "trial_days: 7", f"trial_days: 7 # {secret}"),
        (ENVIRONMENTS, "- name: production", f"- name: {secret}"),
    ]
    for path, old, new in changes:
        error = load_error(path, partial(_replace, old, new))
        assert error.startswith(f"{path}:"), new
        assert "which must not be in a file; revoke it" in error, new
        assert secret not in error, new


def test_secret_in_gateway_of_a_registry_is_rejected(checkout):
    path = checkout / "schemas/gateway_models.yaml"
    path.write_text("- name: a\n  gateway:\n    name: A\n    params: {api_key: hunter2-horse}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r'gateway_models.yaml:4:23: "api_key" may contain a secret'):
        load_registries(Repository(checkout))


def test_gateway_models_can_be_checked_alone(checkout, roster):
    path = checkout / "schemas/gateway_models.yaml"
    path.write_text("- name: a\n  gateway:\n    name: A\n", encoding="utf-8")
    assert roster("check", "schemas/gateway_models.yaml").returncode == 0
    path.write_text("- name: a\n", encoding="utf-8")
    result = roster("check", "schemas/gateway_models.yaml")
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert 'schemas/gateway_models.yaml:1:3: this model has no "gateway"' in result.stderr
