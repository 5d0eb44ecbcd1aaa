"""``--format FORMAT[=FILE]``: several reports of one run, complete, in UTF-8, and without secrets."""

import os
import pty
import re
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from roster.report.output_formats import CHECK as FORMATS
from tests.conftest import Run, edit
from tests.report.conftest import PRODUCTION, STAGING

MACHINE_FORMATS = sorted(set(FORMATS) - {"text"})
CANARY = "glpat-x9Kq2LmN7pRt4VwY8zBc"
CLEAN = "3 rosters checked, no problems found\n"


def options_for_all_formats() -> list[str]:
    """Return the options that write ``report.<kind>`` for each format."""
    return [option for kind in FORMATS for option in ("--format", f"{kind}=report.{kind}")]


def test_text_imports_no_other_writer(checkout: Path, broken: Path):
    script = "import sys; from roster.cli.main import run; run(['check']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=broken, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {name for name in loaded if name.startswith("roster.report.")} == {
        "roster.report.check_text",
        "roster.report.output_formats",
        "roster.report.palette",
        "roster.report.report_paths",
        "roster.report.terminal_text",
    }
    assert "xml.etree" not in loaded


# What is written


def test_one_run_writes_all_formats(roster: Run, broken: Path):
    before = {file.name for file in broken.iterdir()}
    done = roster("check", "--format", "text", *options_for_all_formats())
    assert done.returncode == 1
    assert done.stdout == roster("check").stdout
    for kind in FORMATS:
        assert (broken / f"report.{kind}").read_text(encoding="utf-8") == roster("check", "--format", kind).stdout, kind
    assert {file.name for file in broken.iterdir()} - before == {f"report.{kind}" for kind in FORMATS}


def test_missing_folder_is_created(roster: Run, checkout: Path):
    assert roster("check", "--format", "codequality=new/folder/report.json").returncode == 0
    assert (checkout / "new/folder/report.json").read_text() == "[]\n"


def test_text_in_file_has_no_color(roster: Run, broken: Path):
    done = roster("check", "--format", "text=report.txt", FORCE_COLOR="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert (broken / "report.txt").read_text(encoding="utf-8") == roster("check").stdout


@pytest.mark.parametrize("kind", FORMATS)
def test_clean_run_writes_complete_file(roster: Run, checkout: Path, kind: str):
    done = roster("check", "--format", f"{kind}=report")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", CLEAN)
    report = (checkout / "report").read_text(encoding="utf-8")
    assert report == roster("check", "--format", kind).stdout
    assert report.endswith("\n") or not report


@pytest.mark.parametrize("kind", FORMATS)
def test_format_does_not_change_exit_status(roster: Run, checkout: Path, kind: str):
    edit(checkout / STAGING, "identifier: fireworks_ai/codestral-2501", "identifier: fireworks_ai/codestral-2508")
    assert roster("check", "--format", kind).returncode == 0
    assert roster("check", "--format", kind, "--strict").returncode == 1
    edit(checkout / PRODUCTION, "features: [code-generation, duo_chat]", "features: [code-generatoin]")
    assert roster("check", "--format", kind).returncode == 1


@pytest.mark.parametrize("kind", MACHINE_FORMATS)
def test_report_is_utf_8_in_any_locale(roster: Run, broken: Path, kind: str):
    roster("check", "--format", f"{kind}=report")
    report = (broken / "report").read_bytes()
    assert not report.startswith(b"\xef\xbb\xbf")
    assert "🚀" in report.decode("utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "roster", "check", "--format", kind],
        cwd=broken,
        env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "latin-1", "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, report)


def test_report_is_utf_8_if_folder_name_is_not(roster: Run, broken: Path):
    folder = broken / "env" / os.fsdecode(b"\xff\xfe")
    folder.mkdir()
    (folder / "offered_models_metadata.yaml").write_text("- nothing\n")
    assert roster("check", *options_for_all_formats()).returncode == 1
    for kind in FORMATS:
        assert "unknown-environment" in (broken / f"report.{kind}").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("description: Small open-weight coding model", f"description: {CANARY}"),
        ("provider: Vertex", f"provider: Vertex # {CANARY}"),
        ("provider: Vertex", f"provider: Vertex\n  {CANARY}: 1"),
        ("provider: Vertex", f"provider: Vertex\n  token: {CANARY}"),
        ("AIGW_MODEL_CODESTRAL_ON_VERTEX_API_KEY", CANARY),
        ("name: Codestral on Vertex", f"name: {CANARY}"),
        ("name: Codestral on Vertex", f"name: Codestral on Vertex\n  id: {CANARY}"),
        ("https://us-central1-aiplatform", f"https://{CANARY}@us-central1-aiplatform"),
        ("features: [code-generation, duo_chat]", f"features: [{CANARY}]"),
        ("features: [code-generation, duo_chat]", f"features: {{{CANARY}: {CANARY}}}"),
        ("release_state: BETA", f"release_state: BETA\n  retirement: {{{CANARY}: 1}}"),
    ],
)
def test_no_format_shows_secret(roster: Run, checkout: Path, old: str, new: str):
    edit(checkout / PRODUCTION, old, new)
    done = roster("check", "--format", "text", *options_for_all_formats())
    assert done.returncode == 1
    reports = {kind: (checkout / f"report.{kind}").read_text() for kind in FORMATS}
    for kind, report in (reports | {"the terminal": done.stdout}).items():
        assert "secret-in-roster" in report, kind
        assert CANARY[6:].lower() not in report.lower(), kind  # an id derived from it is in lower case


# Where it is written


def test_older_report_is_replaced(roster: Run, broken: Path):
    (broken / "report.json").write_text("x" * 100_000)
    roster("check", "--format", "json=report.json")
    assert "x" * 1000 not in (broken / "report.json").read_text()


def test_report_in_repository_does_not_affect_check(roster: Run, checkout: Path):
    files = ("env/report.json", "env/production/report.json", "env/new/report.json", "schemas/report.json")
    done = roster("check", *(option for file in files for option in ("--format", f"json={file}")))
    assert (done.returncode, done.stderr) == (0, CLEAN)
    assert all((checkout / file).is_file() for file in files)
    repeated = roster("check")
    assert (repeated.returncode, repeated.stdout, repeated.stderr) == (0, "", CLEAN)


def test_symbolic_link_remains(roster: Run, checkout: Path):
    (checkout / "target.json").write_text("old")
    (checkout / "link.json").symlink_to("target.json")
    (checkout / "dangling.json").symlink_to("not-there-yet.json")
    assert roster("check", "--format", "json=link.json", "--format", "json=dangling.json").returncode == 0
    assert (checkout / "link.json").is_symlink()
    assert (checkout / "dangling.json").is_symlink()
    assert (checkout / "target.json").read_text() == (checkout / "not-there-yet.json").read_text()
    assert (checkout / "target.json").read_text().startswith("{")


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_as_file(roster: Run, checkout: Path, name: str):
    done = roster("check", "--format", f"codequality={name}")
    assert (done.returncode, done.stdout) == (0, "[]\n")
    assert not (checkout / "-").exists()
    done = roster("check", "--format", f"codequality={name}", "--format", "text")
    assert done.returncode == 2
    assert "only one format can go to standard output" in done.stderr


def test_named_pipe_as_file(roster: Run, checkout: Path):
    os.mkfifo(checkout / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((checkout / "pipe").read_text()), daemon=True)
    reader.start()
    done = roster("check", "--format", "codequality=pipe")
    reader.join(timeout=30)
    assert (done.returncode, read) == (0, ["[]\n"])
    assert (checkout / "pipe").is_fifo()


def test_device_as_file(roster: Run):
    controller, terminal = pty.openpty()
    done = roster("check", "--format", f"codequality={os.ttyname(terminal)}")
    assert (done.returncode, done.stderr) == (0, CLEAN)
    assert os.read(controller, 100).split() == [b"[]"]
    os.close(controller)
    os.close(terminal)


def test_open_file_is_appended_to(checkout: Path):
    """Standard error may be a log: a report must replace neither the log nor the link to it in /dev."""
    log = checkout / "log"
    log.write_text("before\n")
    with log.open("a") as stream:
        command = [sys.executable, "-m", "roster", "check", "--format", f"codequality=/proc/self/fd/{stream.fileno()}"]
        done = subprocess.run(command, cwd=checkout, pass_fds=[stream.fileno()], capture_output=True, check=False)
    assert (done.returncode, log.read_text()) == (0, "before\n[]\n")


# Bad input


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["jsn"], "there is no format 'jsn'; did you mean \"json\"?"),
        (["yaml"], f"there is no format 'yaml'; choose from {', '.join(FORMATS)}"),
        (["JUNIT=x.xml"], "there is no format 'JUNIT'; did you mean \"junit\"?"),
        ([""], "there is no format ''; choose from"),
        (["=x.json"], "there is no format ''; choose from"),
        (["json="], "'json=' names no file"),
        (["text", "json"], "only one format can go to standard output; give the others a file: FORMAT=FILE"),
        (["json", "json"], "only one format can go to standard output"),
        (["json=env"], "'env' is a folder; name a file in it"),
        (["json=reports/"], "'reports/' is a folder; name a file in it"),
        (["json=a", "junit=./a"], "two formats go to 'a'; give each its own file"),
        ([f"text={PRODUCTION}"], f"'{PRODUCTION}' is an input file; name another file for the report"),
        (["json=schemas/features.yaml"], "'schemas/features.yaml' is an input file"),
    ],
    ids=str,
)
def test_usage_error_writes_nothing(roster: Run, broken: Path, outputs: list[str], message: str):
    before = {file: file.read_bytes() for file in broken.rglob("*") if file.is_file()}
    done = roster("check", "--format", "github=first", *(part for output in outputs for part in ("--format", output)))
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.replace("\n", " ")
    assert {file: file.read_bytes() for file in broken.rglob("*") if file.is_file()} == before


def test_link_to_input_file_is_rejected(roster: Run, checkout: Path):
    (checkout / "report.json").symlink_to(PRODUCTION)
    assert roster("check", "--format", "json=report.json").returncode == 2
    assert "is an input file" in roster("check", "--format", "json=report.json").stderr


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("env/environments.yaml/report.json", "env/environments.yaml is a file"),
        ("/proc/nowhere/report.json", "no such file or directory"),
        ("socket", "no such device or address"),
    ],
)
def test_unwritable_file_is_reported(roster: Run, broken: Path, file: str, reason: str):
    os.mknod(broken / "socket", stat.S_IFSOCK | 0o600)
    done = roster("check", "--format", f"json={file}")
    assert (done.returncode, done.stderr) == (2, f"roster: {file} cannot be written: {reason}\n")


def test_other_files_are_written_if_one_is_unwritable(roster: Run, broken: Path):
    bad = ("--format", "json=env/environments.yaml/a", "--format", "sarif=env/environments.yaml/b")
    done = roster("check", *bad, "--format", "text", "--format", "codequality=good.json")
    assert done.returncode == 2
    assert done.stderr == (
        "roster: env/environments.yaml/a cannot be written: env/environments.yaml is a file; "
        "env/environments.yaml/b cannot be written: env/environments.yaml is a file\n"
    )
    assert done.stdout == roster("check").stdout
    assert (broken / "good.json").read_text() == roster("check", "--format", "codequality").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unwritable to root")
def test_unwritable_folder_is_reported(roster: Run, checkout: Path):
    (checkout / "locked").mkdir(mode=0o555)
    done = roster("check", "--format", "json=locked/report.json")
    assert (done.returncode, done.stderr) == (2, "roster: locked/report.json cannot be written: permission denied\n")


def test_full_disk_leaves_older_report(checkout: Path):
    (checkout / "report.json").write_text("old")
    done = subprocess.run(
        [sys.executable, "-B", "-m", "roster", "check", "--format", "sarif=report.json"],
        cwd=checkout,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "roster: report.json cannot be written: file too large\n")
    assert (checkout / "report.json").read_text() == "old"
    assert sorted(file.name for file in checkout.iterdir()) == ["env", "report.json", "schemas"]


@pytest.mark.parametrize("unbuffered", ["", pytest.param("1", marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["text", *(pytest.param(each, marks=pytest.mark.slow) for each in MACHINE_FORMATS)])
def test_broken_pipe_is_silent_and_files_are_complete(checkout: Path, kind: str, unbuffered: str):
    (checkout / PRODUCTION).write_text("- nothing: 1\n" * 900)
    command = f"{sys.executable} -m roster check --format {kind} --format json=whole.json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert len(done.stdout) == 1
    assert re.fullmatch(r"(3 rosters checked: \d+ errors and 1 warning\n)?", done.stderr)
    assert (checkout / "whole.json").read_text().endswith("}\n")
