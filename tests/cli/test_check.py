"""``roster check``: its output, and its exit status."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import on_a_terminal
from tests.conftest import Run, edit

PRODUCTION = "env/production/offered_models_metadata.yaml"
STAGING = "env/staging/offered_models_metadata.yaml"


def test_clean_repository_prints_summary_only(roster: Run):
    done = roster("check")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "3 rosters checked, no problems found\n"


def test_finding_is_printed_with_line_and_caret(roster: Run, checkout: Path):
    edit(
        checkout / PRODUCTION,
        "features: [code-generation, duo_chat]",
        "features:\n    - code-generatoin\n    - duo_chat",
    )
    done = roster("check")
    assert done.returncode == 1
    assert done.stdout == (
        f"""{PRODUCTION}:47:7: error: unknown feature "code-generatoin" [unknown-feature]
   |
47 |     - code-generatoin
   |       ^^^^^^^^^^^^^^^ did you mean "code-generation"?
   = known features: code-completion, code-generation, duo_chat, duo_chat_explain_code, …   """
        "(roster explain unknown-feature)\n\n"
    )
    assert done.stderr == "3 rosters checked: 1 error\n"


def test_repository_is_found_from_subfolder(roster: Run, checkout: Path):
    assert roster("check", cwd=checkout / "env" / "production").returncode == 0


def test_paths_select_findings_while_rules_read_all_files(roster: Run, checkout: Path):
    edit(checkout / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    assert "environment-drift" in roster("check", PRODUCTION).stdout
    assert "environment-drift" not in roster("check", "env/staging-ref").stdout
    assert roster("check", "env/staging-ref").stderr == "1 roster checked, no problems found\n"


def test_warnings_fail_strict_check_only(roster: Run, checkout: Path):
    edit(checkout / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    assert roster("check").returncode == 0
    assert roster("check", "--strict").returncode == 1


def test_option_at_sets_today(roster: Run, checkout: Path):
    end = "  retirement:\n    notice: 2026-08-05\n    last_day: 2027-01-31\n    replacement: codestral_on_vertex\n"
    edit(
        checkout / PRODUCTION,
        "  description: Mistral's coding model, tuned",
        f"{end}  description: Mistral's coding model, tuned",
    )
    assert "[default-retiring]" in roster("check", "--at", "2027-01-31").stdout
    assert "[retired-model-still-default]" in roster("check", "--at", "2027-02-01").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere.yaml"), "there is no file or folder nowhere.yaml"),
        (("check", "--at", "yesterday"), "'yesterday' is not a date such as 2026-12-01"),
        (("check", "--frobnicate"), "No such option"),
        (("chekc",), "No such command 'chekc'"),
        (("render", "prodution"), 'there is no environment "prodution": did you mean "production"?'),
        (("explain", "mising-default"), 'there is no rule "mising-default": did you mean "missing-default"?'),
    ],
)
def test_usage_error_exits_with_2(roster: Run, arguments: tuple[str, ...], message: str):
    done = roster(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_path_without_checked_files_is_usage_error(roster: Run, checkout: Path):
    (checkout / "README.md").touch()
    done = roster("check", "README.md")
    assert done.returncode == 2
    assert "README.md contains no file to check" in done.stderr


def test_folder_without_rosters_is_usage_error(roster: Run, tmp_path_factory: pytest.TempPathFactory):
    done = roster("check", cwd=tmp_path_factory.mktemp("empty"))
    assert done.returncode == 2
    assert "is not in a roster repository" in done.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("schemas/features.yaml", "title: Code Completion", "titel: Code Completion", "schemas/features.yaml:15:3: "),
        (
            "schemas/features.yaml",
            "aliases: [completion,",
            "aliases: [duo_chat,",
            'schemas/features.yaml:20:13: "duo_chat" is in this registry twice',
        ),
        (
            "schemas/families.yaml",
            "- gemini",
            "- claude",
            'schemas/families.yaml:10:3: "claude" is in this registry twice',
        ),
        ("schemas/families.yaml", "- gemini", "- no", '"no" is ambiguous'),
        (
            "env/environments.yaml",
            "retirement_notice_days: 90",
            "retirement_notice_days: soon",
            "must be a whole number",
        ),
        ("env/environments.yaml", "- name: staging\n", "name: staging\n", "env/environments.yaml:22:1: "),
        ("schemas/features.schema.json", '"type": "array"', '"type": "arrray"', "is not a JSON Schema"),
        ("schemas/offered_models_metadata.schema.json", "{", "", "is not a JSON Schema"),
        ("schemas/offered_models_metadata.schema.json", '"feature": {', '"faeture": {', "is not a JSON Schema"),
    ],
)
def test_broken_registry_or_schema_is_reported_in_one_sentence(
    roster: Run, checkout: Path, file: str, old: str, new: str, message: str
):
    edit(checkout / file, old, new)
    done = roster("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("file", ["schemas/features.yaml", "env/environments.yaml", "schemas/families.yaml"])
def test_missing_registry_is_reported_in_one_sentence(roster: Run, checkout: Path, file: str):
    (checkout / file).unlink()
    done = roster("check")
    assert done.returncode == 2
    assert file in done.stderr
    assert done.stderr.count("\n") == 1


def test_unreadable_roster_is_reported_in_one_sentence(roster: Run, checkout: Path):
    (checkout / PRODUCTION).unlink()
    (checkout / PRODUCTION).symlink_to("/proc/self/mem")  # can be opened but not read, even by root
    done = roster("check")
    assert done.returncode == 2
    assert f"{PRODUCTION} cannot be read: " in done.stderr


def test_repository_without_schemas_uses_those_of_toolkit(roster: Run, checkout: Path):
    for file in (checkout / "schemas").iterdir():
        file.unlink()
    (checkout / "schemas").rmdir()
    assert roster("check").returncode == 0


def test_outdated_schema_is_finding_until_regenerated(roster: Run, checkout: Path):
    edit(checkout / "schemas/families.yaml", "- gemini", "- gemini\n- gemma")
    assert "[schema-out-of-date]" in roster("check").stdout
    assert roster("schema", "--check").returncode == 1
    assert roster("schema").returncode == 0
    assert roster("schema", "--check").returncode == 0
    assert roster("check").returncode == 0


def test_color_depends_on_environment_and_terminal(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "release_state: GA", "release_state: ga")
    assert "\x1b[" not in roster("check").stdout
    assert "\x1b[" in roster("check", FORCE_COLOR="1").stdout
    assert "\x1b[" not in roster("check", NO_COLOR="1").stdout
    assert "\x1b[" in on_a_terminal("check", cwd=checkout)
    assert "\x1b[" not in on_a_terminal("check", cwd=checkout, NO_COLOR="1")


def test_broken_pipe_causes_no_traceback(checkout: Path):
    (checkout / PRODUCTION).write_text("- nothing\n" * 900)
    command = f"{sys.executable} -m roster check | head -1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout, capture_output=True, text=True, check=False, timeout=60
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_unencodable_character_is_escaped(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "features: [code-completion]", 'features: [code-completion, "日本"]')
    done = roster("check", PYTHONIOENCODING="latin-1")
    assert done.returncode == 1
    assert r'unknown feature "\u65e5\u672c"' in done.stdout


@pytest.mark.parametrize("stream", [">&-", "2>&-"])
def test_closed_stream_is_usage_error(checkout: Path, stream: str):
    command = f"{sys.executable} -m roster check {stream}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2


def test_defect_writes_log_and_exits_with_3(checkout: Path, tmp_path: Path):
    broken = (
        "import roster.cli.review.check as command; command.check = lambda *_, **__: 1 / 0; "
        "from roster.cli.main import run; raise SystemExit(run(['check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken],
        cwd=checkout,
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "internal error, not caused by your files: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    (log,) = tmp_path.glob("roster-*.log")
    assert "ZeroDivisionError" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_clean_check_imports_only_what_it_needs(checkout: Path):
    heavy = {
        "jsonschema",
        "jinja2",
        "wcwidth",
        "difflib",
        "ipaddress",
        "click.shell_completion",
        "click._termui_impl",
        "roster.cli.terminal.completion",
        "roster.cli.publish.docs",
        "roster.cli.terminal.hyperlink",
        "roster.docs",
        "roster.yaml.careful_loader",
        "roster.yaml.comments",
        "roster.check.suppressions",
        "roster.check.changed_since",
        "roster.git",
        "subprocess",
        "roster.render",
        "roster.diff",
        "roster.edit",
        "roster.authoring",
        "roster.cli.review.check_fix",
        "tempfile",
    }
    script = "import sys; from roster.cli.main import run; run(['check']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=True)
    assert heavy & set(done.stdout.split()) <= {"ipaddress"}  # imported by urllib.parse


def test_folder_instead_of_file_is_reported_in_one_sentence(roster: Run, checkout: Path):
    for path in ("env/environments.yaml", "schemas/features.yaml", "schemas/features.schema.json", STAGING):
        content = (checkout / path).read_bytes()
        (checkout / path).unlink()
        (checkout / path).mkdir()
        done = roster("check")
        assert (done.returncode, done.stderr) == (2, f"roster: {path} cannot be read: is a directory\n")
        (checkout / path).rmdir()
        (checkout / path).write_bytes(content)
