"""Stand-ins for modules that a dependency imports but hardly uses."""

import inspect
import subprocess
import sys

import pytest

from roster.cli.main import _cleandoc
from roster.stand_ins import stand_in


def test_command_imports_none_of_the_modules_and_leaves_no_stand_in():
    script = """
import sys
import roster.cli.main
import roster.schema.compilation
assert not {"inspect", "ast", "platform", "email.utils", "socket"} & set(sys.modules)
import inspect
from email.utils import parsedate_to_datetime
assert parsedate_to_datetime("Mon, 30 Nov 2026 00:00:00 +0000").year == 2026
assert inspect.signature(inspect.cleandoc)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_check_does_not_import_ipaddress_and_urls_with_addresses_are_parsed():
    script = """
import sys
from roster.cli.main import run
assert run(["check", "--help"]) == 0
assert "ipaddress" not in sys.modules
from urllib.parse import urlsplit
assert urlsplit("https://[::1]:8080/").hostname == "::1"
import ipaddress
assert ipaddress.ip_address("::1").is_loopback
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_stand_in_imports_module_for_other_attributes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with stand_in("colorsys", hsv_to_rgb=1):
        import colorsys

        assert vars(colorsys)["hsv_to_rgb"] == 1
        assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
        assert sys.modules["colorsys"] is not colorsys
    assert vars(sys.modules["colorsys"])["hsv_to_rgb"] != 1


def test_imported_module_has_no_stand_in():
    with stand_in("sys", version=1):
        assert sys.modules["sys"] is sys


@pytest.mark.parametrize("text", ["", "  a", "a  ", "\ta\tb", "a\n   b\n", "\n  a\n    b\n  c  \n", "\n"])
def test_text_is_cleaned_as_by_inspect(text: str):
    assert _cleandoc(text) == inspect.cleandoc(text)
