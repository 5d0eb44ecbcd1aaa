"""``roster catalogue``: the output folder, rosters with errors, and what no file contains."""

import json
from pathlib import Path
from typing import Any

import pytest

from roster.check.pipeline import check
from roster.repository import Repository
from roster.roster import roster_path
from roster.yaml import document
from roster.yaml.document import Document
from tests.catalogue.test_site import ON
from tests.conftest import Run, edit, git

TODAY = ("--at", ON.isoformat())
PRODUCTION = roster_path("production")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_site_is_written_without_private_values(roster: Run, checkout: Path):
    done = roster("catalogue", *TODAY)
    site = files(checkout / "dist/catalogue")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"dist/catalogue: {len(site)} files, {len(site)} written, 0 deleted\n"
    assert {"index.html", "models/claude_3_7_sonnet.html", "data/production/definitions.json"} <= site.keys()
    assert b"From files that are not in a commit" in site["index.html"]
    text = "\n".join(data.decode() for data in site.values())
    models = [model for each in check(Repository(checkout), ON).rosters.values() for model in each]
    values = {value for model in models for value in (model.endpoint, model.identifier, model.api_key)}
    assert not [value for value in values if value and value != "ambient" and value in text]


def test_only_changed_files_are_written_and_outdated_ones_deleted(roster: Run, checkout: Path):
    folder, run = checkout / "public", ("catalogue", "--output", "public", *TODAY)
    roster(*run)
    before = files(folder)
    assert roster(*run).stderr == f"public: {len(before)} files, 0 written, 0 deleted\n"
    (folder / "own.txt").write_text("kept")
    for environment in ("staging-ref", "staging", "production"):
        edit(checkout / roster_path(environment), "- name: Codestral on Vertex", "- name: Codestral on GCP")
        edit(checkout / roster_path(environment), "_CODESTRAL_ON_VERTEX_", "_CODESTRAL_ON_GCP_")
    assert roster(*run).returncode == 0
    after = files(folder)
    assert before.keys() - after.keys() == {"models/codestral_on_vertex.html"}
    assert after.keys() - before.keys() == {"models/codestral_on_gcp.html", "own.txt"}


def test_render_writes_the_same_site(roster: Run, checkout: Path):
    assert roster("catalogue", "--output", "public", *TODAY).returncode == 0
    run = ("render", "--target", "catalogue", *TODAY)
    assert roster(*run, "--check").returncode == 1
    assert roster(*run).returncode == 0
    assert files(checkout / "dist/catalogue") == files(checkout / "public")
    assert roster(*run, "--check").returncode == 0
    (checkout / "dist/catalogue/features.html").write_text("")
    done = roster(*run, "--check")
    assert (done.returncode, done.stderr) == (1, "catalogue is out of date: run roster render --target catalogue\n")


def test_what_has_no_effect_on_the_catalogue_is_usage_error(roster: Run, checkout: Path):
    run = ("render", "--target", "catalogue", *TODAY)
    for argument in (("production",), ("--sign", "key.pem")):
        done = roster(*run, *argument)
        assert (done.returncode, f"leave out {argument[0]}" in done.stderr) == (2, True), done.stderr
    assert not (checkout / "dist").exists()


def test_environments_without_a_valid_roster_are_named(roster: Run, checkout: Path):
    edit(checkout / PRODUCTION, "release_state: GA", "release_state: GAA")
    (checkout / roster_path("staging")).unlink()
    done = roster("catalogue", *TODAY)
    assert done.returncode == 1
    assert f"production is not rendered: {PRODUCTION} has an error\n" in done.stderr
    folder = checkout / "dist/catalogue"
    assert "the roster of production has an error" in (folder / "index.html").read_text()
    assert "the roster of staging is missing" in (folder / "environments/staging.html").read_text()
    assert "Models in staging-ref" in (folder / "environments/staging-ref.html").read_text()


@pytest.mark.parametrize(
    "manifest", [None, "{}", "[]", "[" * 9999, '{"files": "env"}', '{"files": 1}', '{"files": [1]}', "{"]
)
def test_folder_with_other_files_is_refused(roster: Run, checkout: Path, manifest: str | None):
    if manifest:
        (checkout / "env/catalogue.json").write_text(manifest)
    before = files(checkout)
    done = roster("catalogue", "--output", "env")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "roster: env is not empty and contains no catalogue: choose another folder with --output, or empty it\n"
    )
    assert files(checkout) == before


def test_files_outside_the_folder_are_never_deleted(roster: Run, checkout: Path):
    (checkout / "public").mkdir()
    (checkout / "victim").write_text("kept")
    outside = ["../victim", str(checkout / "victim"), "x/../../victim", ""]
    (checkout / "public/catalogue.json").write_text(json.dumps({"files": outside}))
    assert roster("catalogue", "--output", "public", *TODAY).returncode == 0
    assert (checkout / "victim").exists()


def test_pages_name_the_commit(roster: Run, checkout: Path):
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-q", "-m", "Add rosters")
    commit = git(checkout, "rev-parse", "HEAD")
    assert roster("catalogue", *TODAY).returncode == 0
    page = (checkout / "dist/catalogue/index.html").read_text()
    assert f"From commit <code>{commit[:12]}</code> of <time" in page
    assert "sequence 10020261130." in page
    edit(checkout / PRODUCTION, "low latency", "very low latency")
    assert roster("catalogue", *TODAY, "--changed-since", "HEAD").returncode == 0
    page = (checkout / "dist/catalogue/index.html").read_text()
    assert "Codestral on Fireworks (Fireworks) has another description." in page
    assert f"{commit[:12]}</code> with uncommitted changes of" in page
    assert roster("catalogue", "--changed-since", "missing").returncode == 2


def test_versions_are_parsed_once(roster: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch):
    parsed: list[tuple[str, bytes]] = []

    def recording_parse(path: str, data: bytes, **options: Any) -> Document:
        parsed.append((path, data))
        return document.parse(path, data, **options)

    git(checkout, "init")
    production = checkout / PRODUCTION
    text = production.read_text(encoding="utf-8")
    for number in range(3):
        production.write_text(f"{text}# retirement {number}\n", encoding="utf-8")  # may have a tombstone
        git(checkout, "add", "--all")
        git(checkout, "commit", "--message", "Change a roster")
    monkeypatch.setattr("roster.check.earlier_roster.parse", recording_parse)
    assert roster("catalogue", *TODAY).returncode == 0
    assert sorted(parsed) == sorted({*parsed})
    assert len(parsed) == 5, "three versions of production, one of each other environment"
