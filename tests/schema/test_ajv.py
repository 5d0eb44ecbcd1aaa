"""The JSON Schemas in ajv, the validator of most editors and of JavaScript programs, in its strict mode."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.node import folder_of
from tests.schema.test_schema_files import SCHEMAS

pytestmark = pytest.mark.slow
PROGRAM = """
const Ajv = require(process.argv[2] + "/dist/2020").default, formats = require(process.argv[3]);
for (const path of process.argv.slice(5)) {
  const ajv = new Ajv({strict: true, allowUnionTypes: true, logger: false});
  formats(ajv);
  ajv.addVocabulary(JSON.parse(process.argv[4]));
  try { ajv.compile(require(path)); } catch (error) { console.log(`${path}: ${error.message}`); }
}
"""


def compiled(folder: Path, schemas: "list[Path]", vocabulary: "list[str]") -> str:
    """Return what is wrong with schemas."""
    (folder / "program.cjs").write_text(PROGRAM)
    packages = [str(folder_of("ajv")), str(folder_of("ajv-formats"))]
    command = ["node", "program.cjs", *packages, json.dumps(vocabulary), *map(str, schemas)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60).stdout


def test_schemas_compile_in_strict_mode_with_documented_vocabulary(tmp_path: Path):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (vocabulary,) = re.findall(r"addVocabulary\((\[.*?\])\)", page, re.DOTALL)
    assert compiled(tmp_path, SCHEMAS, json.loads(vocabulary)) == ""


def test_unknown_keyword_is_detected(tmp_path: Path):
    schema = tmp_path / "a.json"
    schema.write_text('{"type": "string", "errorMessage": "a text", "errorMesage": "a text"}')
    assert "errorMesage" in compiled(tmp_path, [schema], ["errorMessage"])
