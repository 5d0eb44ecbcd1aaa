"""The registry of providers: hosts, regions, and what a provider supplies for its models."""

from __future__ import annotations

import re
from typing import Any

import pytest

from roster.check.loading import load_registries
from roster.providers import AMBIENT, Provider, domain_name, is_misspelling
from roster.registries import Registries
from roster.repository import Repository
from tests.conftest import ROOT

REGISTRIES = load_registries(Repository(ROOT))


def provider(**values: Any) -> Provider:
    return Provider(**{"name": "acme", "title": "Acme", "prefixes": ("acme",), "credential": "per-provider"} | values)


def test_host_pattern_gives_region():
    hosts = ("api.acme.com", "*.api.acme.com", "run-*.{region}.acme.com", "{region}-run.acme.com")
    acme = provider(hosts=hosts)
    regions = {
        "https://api.acme.com/v1": "",
        "https://API.acme.com.:443": "",
        "https://eu.api.acme.com": "",
        "https://run-fips.us-east-1.acme.com/v1": "us-east-1",
        "https://eu-west-1-run.acme.com/v1": "eu-west-1",
        "https://a.b.api.acme.com": None,
        "https://run-.us-east-1.acme.com": None,
        "https://run-fips..acme.com": None,
        "https://-run.acme.com": None,
        "https://api.acme.com.example.com": None,
        "https://api.acme.com@example.com/": None,
        "https://api.acme.com:x@example.com/": None,
        "https://api.acme.com?x": None,
        "api.acme.com": None,
    }
    assert {endpoint: acme.region_at(endpoint) for endpoint in regions} == regions


def test_host_of_the_default_endpoint_is_a_providers_own():
    acme = provider(endpoint="https://api.acme.com/v1")
    assert acme.credential_at("https://api.acme.com/v2") == "AIGW_PROVIDER_ACME_API_KEY"
    assert acme.credential_at("https://example.com/v1") is None


def test_registered_name_of_a_host():
    names = {
        "api.acme.com": "acme",
        "acme.com": "acme",
        "a.acme.com.cn": "acme",
        "a.acme.co.uk": "acme",
        "a": "",
        "": "",
    }
    assert {host: domain_name(host) for host in names} == names


def test_misspelling_differs_by_one_letter_or_two_swapped_ones():
    near = ["acmecloud", "acmecluod", "acmecloudd", "acmcloud", "acmeclout", "bcmecloud", "camecloud"]
    far = ["acme", "acmeclxxd", "example", "", "caemcloud", "acmeclo"]
    assert [word for word in near if not is_misspelling(word, "acmecloud")] == []
    assert [word for word in far if is_misspelling(word, "acmecloud")] == []


def test_provider_at_an_endpoint_is_the_one_with_its_host():
    owners = {
        "https://api.fireworks.ai/v1": "fireworks",
        "https://bedrock-runtime.us-east-1.amazonaws.com": "bedrock",
        "https://runtime.sagemaker.us-east-1.amazonaws.com": "sagemaker",
        "https://s3.us-east-1.amazonaws.com": "",
        "https://example-models.com/v1": "",
    }
    found = {endpoint: REGISTRIES.provider_at(endpoint) for endpoint in owners}
    assert {endpoint: each.name if each else "" for endpoint, each in found.items()} == owners


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, {"endpoint": "https://api.acme.com/v1", "api-key": "AIGW_PROVIDER_ACME_API_KEY"}),
        ({"endpoint": "https://api.acme.com/v2"}, {"api-key": "AIGW_PROVIDER_ACME_API_KEY"}),
        ({"endpoint": "https://other.example/v1"}, {}),  # another server must not get the provider's key
        ({"endpoint": None}, {}),  # an invalid value is not replaced
        ({"api-key": None}, {"endpoint": "https://api.acme.com/v1"}),
        ({"identifier": "unknown/m-1"}, {}),
        ({"identifier": "cloud/m-1"}, {}),
        ({"identifier": "cloud/m-1", "endpoint": "https://run.eu-1.cloud.example"}, {"api-key": AMBIENT}),
        ({"identifier": "own/m-1", "endpoint": "https://own.example"}, {}),
        ({"identifier": None}, {}),
    ],
)
def test_provider_supplies_what_a_model_leaves_out(entry: dict[str, Any], expected: dict[str, str]):
    providers = [
        provider(endpoint="https://api.acme.com/v1"),
        provider(name="cloud", prefixes=("cloud",), credential="ambient", hosts=("run.{region}.cloud.example",)),
        provider(name="own", prefixes=("own",), credential="per-model"),
    ]
    registries = Registries({}, (), {}, {each.name: each for each in providers})
    assert registries.supplied_values({"identifier": "acme/m-1"} | entry) == expected


def test_shipped_providers_cover_the_hosts_of_the_clouds():
    endpoints = {
        "bedrock/a": ["bedrock-runtime.us-east-1.amazonaws.com", "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
                      "bedrock-runtime.ap-southeast-2.api.aws", "bedrock-runtime.cn-north-1.amazonaws.com.cn",
                      "vpce-1a.bedrock-runtime.eu-central-1.vpce.amazonaws.com", "bedrock-mantle.us-east-1.api.aws"],
        "vertex_ai/a": ["aiplatform.googleapis.com", "us-east5-aiplatform.googleapis.com",
                        "aiplatform.eu.rep.googleapis.com", "us-east5-aiplatform.mtls.googleapis.com"],
        "azure/a": ["acme.openai.azure.com", "acme.cognitiveservices.azure.com"],
    }  # fmt: skip
    for identifier, hosts in endpoints.items():
        shipped = REGISTRIES.provider_of(identifier)
        assert shipped, identifier
        assert [host for host in hosts if shipped.region_at(f"https://{host}/v1") is None] == []


def test_shipped_providers_supply_everything_except_where_the_region_or_the_account_matters():
    incomplete = {
        name
        for name, each in REGISTRIES.providers.items()
        if len(REGISTRIES.supplied_values({"identifier": f"{each.prefixes[0]}/m-1"})) < 2
    }
    assert incomplete == {"bedrock", "sagemaker", "amazon_q", "vertex", "azure", "azure_ai", "other", "self_hosted"}


def test_variable_of_a_provider_is_a_valid_name():
    names = [each.api_key for each in REGISTRIES.providers.values()]
    assert all(re.fullmatch("AIGW_PROVIDER_[A-Z0-9]+(_[A-Z0-9]+)*_API_KEY", name) for name in names)


def test_shipped_profiles_belong_to_a_region_and_the_provider():
    wrong = [
        identifier
        for each in REGISTRIES.providers.values()
        for identifier, entry in each.inference_profiles.items()
        if identifier.partition("/")[0] not in each.prefixes or not each.regions.keys() >= set(entry["profiles"])
    ]
    assert wrong == []


def test_profile_depends_on_the_region():
    bedrock = REGISTRIES.providers["bedrock"]
    sonnet, llama = "bedrock/anthropic.claude-3-7-sonnet-20250219-v1:0", "bedrock/meta.llama4-scout-17b-instruct-v1:0"
    profiles = {
        ("us-east-1", sonnet): ["us."],
        ("eu-central-1", sonnet): ["eu."],
        ("ap-south-1", sonnet): ["apac."],
        ("eu-west-2", sonnet): [],  # on demand
        ("us-gov-west-1", sonnet): [],  # nothing is known about GovCloud
        ("us-west-2", llama): ["us."],
        ("eu-central-1", llama): [],  # not available there, whatever the identifier
        ("sa-east-1", "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0"): ["global."],
        ("us-east-1", "bedrock/anthropic.claude-3-haiku-20240307-v1:0"): [],
    }
    assert {key: bedrock.profiles_at(*key) for key in profiles} == profiles
