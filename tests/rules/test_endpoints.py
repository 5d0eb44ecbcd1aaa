"""Rules on endpoints: private addresses in every spelling, malformed addresses, and valid ones that look unusual."""

from __future__ import annotations

import itertools
import json
import re
import socket
from datetime import date
from ipaddress import IPv4Address

import pytest

from roster.registries import Registries
from roster.roster import Roster
from roster.rules import endpoints
from roster.rules.base.hosts import ip_address_of
from roster.rules.base.rule import Context, Rule
from tests.single_roster import diagnostics, with_key

PRIVATE = {
    "loopback": "127.0.0.1",
    "the last loopback": "127.255.255.254",
    "this host": "0.0.0.0",
    "a network": "10.0.0.1",
    "another network": "172.16.0.1",
    "the end of it": "172.31.255.255",
    "a home": "192.168.1.1",
    "link-local": "169.254.1.1",
    "shared (CGNAT)": "100.64.0.1",
    "the end of shared": "100.127.255.255",
    "multicast": "224.0.0.1",
    "global multicast": "233.252.0.1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "documentation": "203.0.113.7",
    "benchmarks": "198.18.0.1",
    "metadata: AWS, Google, Azure": "169.254.169.254",
    "metadata: AWS containers": "169.254.170.2",
    "metadata: Alibaba": "100.100.100.200",
    "metadata: Oracle": "192.0.0.192",
    "services of Azure": "168.63.129.16",
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "hexadecimal in upper case": "0X7F000001",
    "hexadecimal parts": "0x7f.0x0.0x0.0x1",
    "octal": "017700000001",
    "octal parts": "0177.0.0.01",
    "two parts": "127.1",
    "three parts": "10.0.1",
    "one part": "0",
    "mixed": "0xa.0.01",
    "metadata in decimal": "2852039166",
    "metadata in octal": "0251.0376.0251.0376",
    "trailing dot": "127.0.0.1.",
    "full-width digits": "１２７.0.0.1",
    "full-width dots": "127．0．0．1",
    "ideographic dots": "127。0。0。1",
    "circled digits": "①②⑦.0.0.1",
    "IPv6 loopback": "[::1]",
    "IPv6 loopback in full": "[0:0:0:0:0:0:0:1]",
    "IPv6 unspecified": "[::]",
    "IPv6 link-local": "[fe80::1]",
    "IPv6 link-local, zone": "[fe80::1%25eth0]",
    "IPv6 link-local, bare zone": "[fe80::1%eth0]",
    "IPv6 unique-local": "[fd12:3456::1]",
    "IPv6 unique-local in upper case": "[FD12:3456::1]",
    "IPv6 site-local": "[fec0::1]",
    "IPv6 multicast": "[ff0e::1]",
    "IPv6 documentation": "[2001:db8::1]",
    "IPv6 newer documentation": "[3fff::1]",
    "IPv6 discarded": "[100::1]",
    "IPv6 metadata": "[fd00:ec2::254]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped in hexadecimal": "[::ffff:a00:1]",
    "mapped in full": "[0:0:0:0:0:ffff:c0a8:101]",
    "compatible": "[::127.0.0.1]",
    "translated": "[::ffff:0:10.0.0.1]",
    "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001:0:4136:e378:8000:63bf:f5ff:fffe]",
    "NAT64": "[64:ff9b::10.0.0.1]",
    "NAT64 for one network": "[64:ff9b:1::8.8.8.8]",
    "localhost": "localhost",
    "localhost in upper case": "LOCALHOST",
    "localhost, trailing dot": "localhost.",
    "localhost, port": "localhost:8080",
    "localhost in full width": "ｌｏｃａｌｈｏｓｔ",
    "below localhost": "models.localhost",
    "local domain": "localhost.localdomain",
    ".internal": "models.internal",
    "metadata: Google": "metadata.google.internal",
    ".internal in upper case": "Models.INTERNAL",
    ".internal, trailing dot": "models.internal.",
    ".internal alone": "internal",
    ".local": "models.local",
    "a service of a cluster": "models.default.svc.cluster.local",
    "a service of a cluster, its own domain": "models.default.svc.cluster.example.com",
    "a service, short": "models.default.svc",
    "home network": "nas.home.arpa",
    ".lan": "models.lan",
    ".corp": "models.corp",
    ".intranet": "models.intranet",
    ".home": "nas.home",
    ".private": "models.private",
    ".invalid": "models.invalid",
    ".test": "models.test",
    ".example": "models.example",
    ".onion": "models.onion",
    "a variable's name": "settings.endpoint",
    "a file's name": "models.yaml",
    "a domain of the company's own": "models.ai.mycompany",
    "an unknown domain in upper case": "MODELS.MYCOMPANY",
    "an unknown domain, trailing dot": "models.mycompany.",
}
PUBLIC = [
    "https://example-models.com",
    "https://example-models.com/",
    "https://example-models.com:8443/v1",
    "https://example.com",
    "https://EXAMPLE.com/v1",
    "https://example.com./v1",
    "https://localhost-tools.example.com",
    "https://localhost.example.com",
    "https://internal.example.com",
    "https://my-internal-models.com/localhost",
    "https://local.example.com",
    "https://notlocal.com",
    "https://svc.example.com",
    "https://10.example.com",
    "https://127.0.0.1.example.com",
    "https://0x7f.example.com",
    "https://127-0-0-1.example.com",
    "https://8.8.8.8",
    "https://8.8.8.8:8443/v1",
    "https://11.0.0.1",
    "https://172.32.0.1",
    "https://100.128.0.1",
    "https://192.0.1.1",
    "https://[2606:4700::1111]",
    "https://[2606:4700::1111]:8443/v1",
    "https://[2001:4860:4860:0:0:0:0:8888]",
    "https://[::ffff:8.8.8.8]",
    "https://xn--mnchen-3ya.de",
    "https://models.xn--p1ai/v1",
    "https://models.museum/v1",
    "https://models.co.uk/v1",
    "https://models.WEBSITE/v1",
    "https://3com.com",
    "https://models.example.com/v1/projects/p@1/models",
    "https://models.example.com/a%20b/~c/d;e=1,2",
    "https://models.example.com/.well-known/v1.1/a..b/...",
    "https://models.example.com/v1;v=1.0/model:predict",
    f"https://{'a' * 63}.com",
]
CREDENTIALS = [
    "https://someone:secret@example.com/v1",
    "https://someone@example.com",
    "https://:secret@example.com",
    "https://@example.com",
    "https://some%40one:sec%2Fret@example.com",
    "https://some@one:secret@example.com",
    "https://someone:sec ret@example.com",
    "https://someone:secret@[2606:4700::1111]/v1",
]
INSECURE = [
    "http://example.com/v1",
    "HTTP://example.com",
    "HTTPS://example.com",
    "Https://example.com",
    "httpss://example.com",
    "ws://example.com",
    "wss://example.com",
    "ftp://example.com",
    "grpc://example.com:443",
]
MALFORMED = {
    "empty": "",
    "no scheme": "example.com/v1",
    "no scheme, a port": "example.com:8443/v1",
    "relative scheme": "//example.com/v1",
    "no colon": "https//example.com",
    "one slash": "https:/example.com",
    "no slash": "https:example.com",
    "three slashes": "https:///example.com",
    "no host": "https://",
    "no host, a path": "https:///v1",
    "no host, a port": "https://:8443/v1",
    "a file": "file:///etc/passwd",
    "a script": "javascript:alert(1)",
    "query": "https://example.com/v1?key=1",
    "empty query": "https://example.com/v1?",
    "query with an at sign": "https://example.com?to=@someone",
    "fragment": "https://example.com/v1#top",
    "fragment with an at sign": "https://example.com#@someone",
    "backslash": r"https://example.com\v1",
    "backslash before an at sign": r"https://example.com\@127.0.0.1",
    "backslashes for slashes": r"https:\\example.com",
    "space": "https://example.com/v 1",
    "space before it": " https://example.com",
    "space after it": "https://example.com ",
    "space in the host": "https://exam ple.com",
    "line break": "https://example.com/\nv1",
    "line break after it": "https://example.com\n",
    "tab in the scheme": "ht\ttps://example.com",
    "port is a word": "https://example.com:port/v1",
    "port is too high": "https://example.com:65536",
    "port is 0": "https://example.com:0",
    "port is negative": "https://example.com:-1",
    "two ports": "https://example.com:80:443",
    "password with a slash": "https://someone:sec/ret@example.com",
    "one label": "https://gateway/v1",
    "one label, trailing dot": "https://gateway./v1",
    "empty label": "https://api..example.com",
    "two trailing dots": "https://example.com..",
    "leading dot": "https://.example.com",
    "underscore": "https://example_models.com",
    "hyphen first": "https://-api.example.com",
    "hyphen last": "https://api-.example.com",
    "label of 64": f"https://{'a' * 64}.com",
    "host of 254": f"https://{'a.' * 126}com",
    "numeric last label": "https://example.123",
    "hexadecimal last label": "https://example.0x7f",
    "five numbers": "https://1.2.3.4.5",
    "five numbers, the last 0": "https://1.2.3.4.0",
    "six numbers": "https://1.2.3.4.0.0",
    "first number above 255": "https://300.0.0.1",
    "second number above 255": "https://1.256.0.1",
    "number above 255": "https://256.256.256.256",
    "number above 32 bits": "https://4294967296",
    "percent-encoded host": "https://127%2e0%2e0%2e1",
    "percent-encoded letter": "https://localhos%74",
    "open bracket": "https://[2606:4700::1111/v1",
    "no brackets": "https://2606:4700::1111/v1",
    "name in brackets": "https://[example.com]/v1",
    "IPv4 in brackets": "https://[8.8.8.8]/v1",
    "name after brackets": "https://[2606:4700::1111].example.com",
    "not IPv6": "https://[2606:4700::11111]",
    "future address": "https://[v1.a:b]",
    "letters beyond ASCII in the host": "https://münchen.de",
    "letters beyond ASCII in the path": "https://example.com/münchen",
    "public address in decimal": "https://134744072",
    "public address in octal": "https://010.8.8.8",
    "two addresses, a comma": "https://example.com,https://example.org",
    "two addresses, a comma after a path": "https://example.com/v1,https://example.org/v1",
    "two addresses, a comma and a space": "https://example.com/v1, https://example.org/v1",
    "two addresses, a space": "https://example.com https://example.org",
    "two addresses, a line break": "https://example.com\nhttps://example.org",
    "two addresses, a semicolon": "https://example.com/v1;https://example.org/v1",
    "two addresses, a bar": "https://example.com|https://example.org",
    "two addresses, another scheme": "https://example.com,http://example.org",
    "two addresses, nothing between": "https://example.comhttps://example.org",
    "an address in a path": "https://example.com/https://example.org",
    "an encoded address in a path": "https://example.com/https%3A%2F%2Fexample.org",
    "a second host": "https://example.com/v1,example.org/v1",
    "a private second host": "https://example.com,https://127.0.0.1",
    "a parent segment": "https://example.com/../v1",
    "a parent segment at the end": "https://example.com/v1/..",
    "a segment of one dot": "https://example.com/./v1",
    "an encoded parent segment": "https://example.com/%2e%2e/v1",
    "a parent segment, one dot encoded": "https://example.com/.%2E/v1",
    "a parent segment, encoded twice": "https://example.com/%252e%252e/v1",
    "a parent segment before an encoded slash": "https://example.com/..%2fv1",
    "a parent segment before an encoded backslash": "https://example.com/..%5cv1",
    "a parent segment with a parameter": "https://example.com/..;/v1",
    "an encoded line break": "https://example.com/v1%0d%0aHost:%20example.org",
    "an encoded line feed": "https://example.com/%0A",
    "an encoded NUL": "https://example.com/v1%00",
    "an encoded tab": "https://example.com/v1%09",
    "an encoded delete": "https://example.com/%7f",
    "an encoded next line": "https://example.com/%C2%85",
    "an encoded invisible character": "https://example.com/%E2%80%8B",
    "an encoded line break, encoded again": "https://example.com/%250d%250a",
}


def rules(endpoint: str) -> list[str]:
    return [finding.rule for finding in diagnostics(with_key("endpoint", json.dumps(endpoint)))]


@pytest.mark.parametrize("host", PRIVATE.values(), ids=PRIVATE)
def test_private_host_is_one_finding(host: str):
    assert rules(f"https://{host}/v1") == ["private-endpoint"]


@pytest.mark.parametrize("endpoint", PUBLIC)
def test_public_address_is_accepted(endpoint: str):
    assert rules(endpoint) == []


@pytest.mark.parametrize("endpoint", CREDENTIALS)
def test_user_info_is_one_finding(endpoint: str):
    assert rules(endpoint) == ["credentials-in-endpoint"]


@pytest.mark.parametrize("endpoint", INSECURE)
def test_scheme_other_than_https_is_one_finding(endpoint: str):
    assert rules(endpoint) == ["insecure-endpoint"]


@pytest.mark.parametrize("endpoint", MALFORMED.values(), ids=MALFORMED)
def test_malformed_address_is_one_finding(endpoint: str):
    assert rules(endpoint) == ["malformed-endpoint"]


@pytest.mark.parametrize("char", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u00a0", "\u200b", "\u2028", "\ufeff"])
def test_control_character_is_one_finding(char: str):
    written = json.dumps(f"https://exam{char}ple.com/v1").replace("\x7f", r"\x7f")  # JSON does not escape it
    assert [finding.rule for finding in diagnostics(with_key("endpoint", written))] == ["invisible-character"]


def test_independent_problems_are_separate_findings():
    assert sorted(rules("http://someone@10.0.0.1/v1?a=b")) == [
        "credentials-in-endpoint",
        "insecure-endpoint",
        "malformed-endpoint",
        "private-endpoint",
    ]


def test_message_shows_canonical_address():
    (finding,) = diagnostics(with_key("endpoint", '"https://[64:ff9b::7f00:1]/v1"'))
    assert finding.message == 'the host "64:ff9b::7f00:1" (that is, 127.0.0.1) is not public'
    (finding,) = diagnostics(with_key("endpoint", "https://010.8.8.8/v1"))
    assert finding.message == '"010.8.8.8" is another spelling of 8.8.8.8, which some clients read differently'
    assert finding.hint == "write 8.8.8.8"


def test_message_names_unknown_top_level_domain():
    (finding,) = diagnostics(with_key("endpoint", "https://settings.endpoint/v1"))
    assert finding.message == 'the host "settings.endpoint" ("endpoint" is not a top-level domain) is not public'


def test_slip_next_to_host_is_named():
    for endpoint, hint in {
        "https:// example.com/v1": "remove the space in it",
        "https://example.com,": 'remove ","',
        "https://example.com;": 'remove ";"',
    }.items():
        (finding,) = diagnostics(with_key("endpoint", endpoint))
        assert (finding.rule, finding.hint) == ("malformed-endpoint", hint)


def test_message_names_problem_of_path():
    for endpoint, message in {
        "https://example.com,https://example.org": "the endpoint contains more than one address",
        "https://example.com/%0d%0a": "the endpoint's path contains encoded control or invisible characters",
        "https://example.com/a/%2e%2e/b": 'the endpoint\'s path contains "/..", which clients resolve differently',
        "https://example.com/a/./b": 'the endpoint\'s path contains "/.", which clients resolve differently',
    }.items():
        (finding,) = diagnostics(with_key("endpoint", endpoint))
        assert finding.message == message


def test_path_is_checked_below_private_host_too():
    assert rules("https://10.0.0.1/%0d%0a") == ["malformed-endpoint", "private-endpoint"]


def test_https_is_suggested_only_before_public_host():
    for endpoint, suggested in {
        "example.com/v1": True,
        "api.example.com:8443": True,
        "settings.azure_api_base": False,
        "AZURE_API_BASE": False,
        "config.endpoint/v1": False,
        "localhost:8000/v1": False,
        "models.internal/v1": False,
    }.items():
        (finding,) = diagnostics(with_key("endpoint", endpoint))
        assert (finding.hint == "write https:// before it") == suggested, endpoint


def test_missing_host_is_reported():
    (finding,) = diagnostics(with_key("endpoint", '"https://:8443/v1"'))
    assert finding.message == "the endpoint has no host"


def numbers() -> list[str]:
    """Return spellings of numbers, decimal, octal and hexadecimal."""
    return ["0", "1", "7", "10", "127", "255", "256", "010", "0177", "00", "08", "0x0", "0x7f", "0xFF", "0x100"]


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 5])
def test_address_spellings_match_inet_aton(parts: int):
    """Clients pass the host to the C library; whatever it accepts must have the same meaning here."""
    large = ["65535", "65536", "0177777", "0xffff", "16777215", "16777216", "0xffffff", "4294967295", "4294967296"]
    compared = 0
    for first in numbers():
        for last in numbers() + large:
            host = ".".join([first, *["1"] * (parts - 2), last] if parts > 1 else [last])
            try:
                expected = IPv4Address(socket.inet_aton(host))
            except OSError:
                continue
            compared += 1
            assert ip_address_of(host.lower()) == expected, host
    assert compared or parts == 5


def test_rules_find_nothing_in_ordinary_endpoints():
    """The pattern of ordinary endpoints only saves time, so the rules report the same if no endpoint matches it."""
    parts = (
        "a-b",
        "A",
        "1",
        "-",
        ".",
        "a.com",
        "svc.",
        "svc.cluster.",
        ".io",
        ".internal",
        "/",
        "..",
        "@",
        "é",
        ":443",
    )
    texts = ["".join(chosen) for length in range(1, 4) for chosen in itertools.product(parts, repeat=length)]
    ordinary = [f"https://{text}" for text in texts if re.fullmatch(endpoints._ORDINARY, f"https://{text}")]
    roster = Roster.of(
        "env/production/offered_models_metadata.yaml", "production", [{"endpoint": endpoint} for endpoint in ordinary]
    )
    context = Context(Registries.of([], [], []), date(2026, 1, 1))
    assert len(ordinary) > 50
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoints, "_unusual_endpoints", lambda roster: [(model, model.endpoint) for model in roster])
        endpoint_rules = [rule for rule in vars(endpoints).values() if isinstance(rule, Rule)]
        assert [finding for rule in endpoint_rules for finding in rule.check(roster, context)] == []
