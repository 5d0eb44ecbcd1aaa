"""``roster check --fix`` and ``--diff``: written files, output and exit status."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from roster.report import palette
from tests.conftest import Run, copied_roster, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"
CLEAN = "3 rosters checked, no problems found\n"
TOKEN = "glpat-x9Kq2LmN7pRt4VwY8zBc"


def add_fixable_findings(checkout: Path, path: str = PRODUCTION) -> None:
    """Add two fixable findings to a roster."""
    edit(checkout / path, "release_state: BETA\n  family: qwen", "release_state: beta\n  family: Qwen")


def add_unfixable_finding(checkout: Path) -> None:
    """Add a finding without a fix."""
    edit(checkout / PRODUCTION, "family: claude", "family: opus")


def is_original(checkout: Path, path: str = PRODUCTION) -> bool:
    return (checkout / path).read_bytes() == copied_roster(path)


def test_fix_restores_roster_and_prints_number_of_fixes(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    done = roster("check", "--fix")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"2 findings fixed in 1 file\n{CLEAN}"
    assert is_original(checkout)


def test_fix_leaves_clean_repository_untouched(roster: Run, checkout: Path):
    written = (checkout / PRODUCTION).stat().st_mtime_ns
    done = roster("check", "--fix", "--diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", CLEAN)
    assert (checkout / PRODUCTION).stat().st_mtime_ns == written


def test_remaining_findings_have_their_new_position(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    add_unfixable_finding(checkout)
    edit(checkout / PRODUCTION, "# yaml-language-server: $schema=", "# schema: ")
    line = (checkout / PRODUCTION).read_text().splitlines().index("  family: opus") + 1
    done = roster("check", "--fix")
    assert done.returncode == 1
    assert f'{PRODUCTION}:{line + 1}:11: error: unknown family "opus" [unknown-family]' in done.stdout
    assert done.stdout.count("(roster explain ") == 1
    assert done.stderr == "3 findings fixed in 1 file\n3 rosters checked: 1 error\n"


def test_unfixable_finding_remains(roster: Run, checkout: Path):
    add_unfixable_finding(checkout)
    before = (checkout / PRODUCTION).read_bytes()
    done = roster("check", "--fix", "--diff")
    assert done.returncode == 1
    assert done.stderr == "--fix can fix none of these findings\n3 rosters checked: 1 error\n"
    assert (checkout / PRODUCTION).read_bytes() == before


def test_findings_outside_the_paths_are_not_mentioned(roster: Run, checkout: Path):
    add_unfixable_finding(checkout)
    assert roster("check", "--fix", STAGING).stderr == "1 roster checked, no problems found\n"


def test_remaining_warning_fails_only_with_strict(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    edit(checkout / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    assert roster("check", "--fix").returncode == 0
    assert roster("check", "--fix", "--strict").returncode == 1


def test_diff_without_fix_writes_nothing(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    before = (checkout / PRODUCTION).read_bytes()
    done = roster("check", "--diff")
    assert done.returncode == 1
    assert done.stdout.startswith(
        f"""\
--- a/{PRODUCTION}
+++ b/{PRODUCTION}
@@ -30,8 +30,8 @@
   identifier: fireworks_ai/qwen2p5-coder-7b
   api-key: AIGW_MODEL_QWEN_2_5_7B_ON_FIREWORKS_API_KEY
   endpoint: https://api.fireworks.ai/inference/v1
-  release_state: beta
-  family: Qwen
+  release_state: BETA
+  family: qwen
   features: [code-completion]
   description: Small open-weight coding model
   provider: Fireworks
{PRODUCTION}:33:18: error: """
    )
    assert done.stderr == "--fix would fix 2 findings in 1 file\n3 rosters checked: 2 errors\n"
    assert (checkout / PRODUCTION).read_bytes() == before


def test_diff_with_fix_prints_what_was_written(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    shown = roster("check", "--diff").stdout
    done = roster("check", "--fix", "--diff")
    assert done.returncode == 0
    assert done.stdout
    assert shown.startswith(done.stdout)
    assert is_original(checkout)


@pytest.mark.parametrize("line_break", ["\n", "\r\n"], ids=["LF", "CR LF"])
def test_diff_can_be_applied_with_git(roster: Run, checkout: Path, line_break: str, tmp_path: Path):
    for path in (PRODUCTION, STAGING):
        add_fixable_findings(checkout, path)
        text = (checkout / path).read_text()
        text = text.replace("[code-completion]\n", "[code-completion,\n    code-completion]\n").rstrip("\n")
        text = text.removeprefix(text.splitlines(keepends=True)[0])
        (checkout / path).write_bytes(text.replace("\n", line_break).encode())
    command = [sys.executable, "-m", "roster", "check", "--diff"]
    patch = subprocess.run(command, cwd=checkout, capture_output=True, check=False).stdout
    (tmp_path / "applied.patch").write_bytes(patch[: patch.index(b"\nenv/") + 1])
    subprocess.run(["git", "apply", "applied.patch"], cwd=checkout, check=True)
    applied = [(checkout / path).read_bytes() for path in (PRODUCTION, STAGING)]
    assert applied[0] == copied_roster(PRODUCTION).rstrip(b"\n").replace(b"\n", line_break.encode())
    assert roster("check", "--fix").stderr == CLEAN
    assert applied == [(checkout / path).read_bytes() for path in (PRODUCTION, STAGING)]


def test_fix_changes_only_the_given_paths(roster: Run, checkout: Path):
    for path in (PRODUCTION, STAGING):
        edit(checkout / path, "provider: Vertex\n", 'provider: "Vertex "\n')
    done = roster("check", "--fix", "env/staging")
    assert done.returncode == 0
    assert done.stderr == "2 findings fixed in 1 file\n1 roster checked, no problems found\n"
    assert not is_original(checkout)
    assert 'provider: "Vertex"\n' in (checkout / STAGING).read_text()
    assert roster("check").returncode == 1


def test_invalid_path_changes_nothing(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    (checkout / "README.md").touch()
    assert roster("check", "--fix", "README.md").returncode == 2
    assert not is_original(checkout)


def test_unwritable_file_is_reported_and_nothing_changed(checkout: Path):
    for path in (PRODUCTION, STAGING):
        edit(checkout / path, "provider: Vertex\n", 'provider: "Vertex "\n')
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 0; exec {sys.executable} -m roster check --fix"],  # the disk is full, also for root
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"roster: {PRODUCTION} and {STAGING} cannot be written: file too large; nothing was changed\n"
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_fix_keeps_permissions_and_symbolic_links(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    (checkout / PRODUCTION).rename(checkout / "linked.yaml")
    (checkout / "linked.yaml").chmod(0o640)
    (checkout / PRODUCTION).symlink_to("../../linked.yaml")
    assert roster("check", "--fix").returncode == 0
    assert (checkout / PRODUCTION).is_symlink()
    assert stat.S_IMODE((checkout / "linked.yaml").stat().st_mode) == 0o640
    assert is_original(checkout)


def test_diff_masks_secrets(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    edit(checkout / PRODUCTION, "  release_state: beta", f"  # {TOKEN}\n  release_state: beta")
    done = roster("check", "--fix", "--diff")
    assert TOKEN not in done.stdout + done.stderr
    assert f"   # {'*' * len(TOKEN)}\n-  release_state: beta\n" in done.stdout
    assert TOKEN in (checkout / PRODUCTION).read_text()


def test_diff_escapes_invisible_characters(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "provider: Vertex", "provider: Ver\u200btex")
    edit(checkout / PRODUCTION, "# this environment a default", "# this environment \u202ea default")
    out = roster("check", "--diff").stdout
    assert "-  provider: Ver\\u200btex\n+  provider: Vertex\n" in out
    assert "-# this environment \\u202ea default" in out


def test_diff_is_colored_on_request(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    assert f"\x1b[38;5;{palette.BAD}m-  release_state: beta" in roster("check", "--diff", FORCE_COLOR="1").stdout
    assert "\x1b[" not in roster("check", "--diff").stdout


def test_report_and_diff_cannot_share_standard_output(roster: Run, checkout: Path):
    add_fixable_findings(checkout)
    done = roster("check", "--diff", "--format", "json")
    assert done.returncode == 2
    assert "--diff writes to standard output, too" in done.stderr
    assert roster("check", "--fix", "--diff", "--format", "json=report.json").returncode == 0
    assert json.loads((checkout / "report.json").read_text())["diagnostics"] == []
    add_fixable_findings(checkout)
    assert json.loads(roster("check", "--fix", "--format", "json").stdout)["diagnostics"] == []


@pytest.mark.slow
def test_thousands_of_fixes_take_few_checks(roster: Run, checkout: Path):
    text = (checkout / PRODUCTION).read_text()
    models = "".join(
        f"\n- name: Model {number}\n  identifier: bedrock/model-{number}\n"
        f"  api-key: AIGW_MODEL_MODEL_{number}_API_KEY\n  endpoint: https://{number}.example-models.com/v1\n"
        "  release_state: ga\n  famly: Claude\n  features: [completion]\n  provider: ' Bedrock'\n"
        for number in range(1000)
    )
    (checkout / PRODUCTION).write_text(text + models)
    done = roster("check", "--fix", PRODUCTION)
    assert done.stderr.startswith("4000 findings fixed in 1 file\n")
    assert "warning" in done.stderr
