"""An imported and rendered configuration, loaded by LiteLLM's proxy."""

import json
import subprocess
from pathlib import Path

import pytest

from roster.publishing.sequence import Publication
from roster.render import litellm_config
from roster.roster import Roster
from tests.importing.test_litellm import CONFIGURATION, DAY, REGISTRIES, imported
from tests.litellm import python
from tests.litellm.test_proxy import environment

pytestmark = pytest.mark.slow

SCRIPT = """
import asyncio, json, sys
from litellm.proxy.proxy_server import ProxyConfig
router, *_ = asyncio.run(ProxyConfig().load_config(router=None, config_file_path=sys.argv[1]))
models = [[each["model_name"], each["litellm_params"].get("weight")] for each in router.model_list]
print(json.dumps({"models": models, "aliases": router.model_group_alias}))
"""


def test_imported_configuration_is_loaded_by_litellm_again(tmp_path: Path):
    models = [*imported(CONFIGURATION, "duo_chat").models]
    data = litellm_config.render(Roster.of("", "production", models), DAY, Publication("", 1), REGISTRIES)
    (tmp_path / "litellm.yaml").write_bytes(data)
    command = [str(python()), "-c", SCRIPT, "litellm.yaml"]
    options = {"cwd": tmp_path, "env": environment(tmp_path), "timeout": 120}
    done = subprocess.run(command, capture_output=True, text=True, check=True, **options)  # type: ignore[call-overload]
    names = ("gpt", "deployment", "codestral")
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "models": [
            *(["sonnet", 3], ["sonnet_bedrock", 1]),
            *([name, None] for name in names),
            *(["duo_chat", 75], ["duo_chat", 25]),
            ["sonnet", 1],
        ],
        "aliases": {"code-completion": "codestral", "old_sonnet": "sonnet"},
    }
