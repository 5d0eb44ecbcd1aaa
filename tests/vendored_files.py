"""Files of third parties that are part of the package, compared with their README and with their npm packages."""

import json
import re
from collections.abc import Collection
from hashlib import sha256
from importlib.resources import files

from roster.http_server.packaged_files import PackagedFiles
from tests.node import folder_of


def readme(package: str) -> str:
    return (files(package) / "assets" / "README.md").read_text(encoding="utf-8")


def compare_with_hashes(package: str, served: PackagedFiles, own: Collection[str] = ()) -> None:
    """Fail unless each file, except the project's own ones, has the hash in the table of the README."""
    recorded = dict(re.findall(r"^\| `(\S+)` \| `([0-9a-f]{64})` \|$", readme(package), re.MULTILINE))
    hashes = {name: sha256(file.content()).hexdigest() for name, file in served.by_name.items() if name not in own}
    assert hashes == recorded


def compare_with_package(package: str, served: PackagedFiles, npm_package: str, paths: Collection[str]) -> None:
    """Fail unless some files are those in a package from npm, with the version in the README."""
    folder = folder_of(npm_package)
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    assert f"/{npm_package}) {version}" in readme(package).replace("\n", " ")
    for path in paths:
        assert served.by_name[path.rpartition("/")[2]].content() == (folder / path).read_bytes(), path
