"""Proposes newer provider facts in a merge request: python3 tools/update_facts.py [FOLDER]

The script runs `roster providers update` in the folder with the rosters. If the facts changed, it commits them to a
branch and opens a merge request, or updates the open one; its description has the impact. With ROSTER_RETIRE_DUE=true,
the branch also has the retirements that `roster retire --due` writes. ROSTER_PROVIDERS_FROM replaces the
default sources; it names others, separated by spaces.

The token comes from ROSTER_UPDATE_TOKEN; docs/publishing.md lists the rights it needs. Without a token, or outside a
scheduled pipeline of the default branch, the script does nothing and succeeds. Commands do not get the token.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from pipeline.facts_description import describe, new_findings, title
from pipeline.gitlab import ApiError, GitLabApi, JobError, require, require_ids
from pipeline.merge_request import Conflict, merge_requests, propose
from pipeline.proposal_branch import Proposal
from pipeline.roster_command import CommandError, Run, diagnostics, output, run_roster
from pipeline.working_copy import changed, digest_of, snapshot
from roster.naming import quote
from roster.publishing.release import is_commit
from roster.registries import PROVIDER_FACTS

BRANCH = "roster-provider-facts"  # with the name of the folder, if there is one
REMEDIES = {
    400: "the token must be allowed to push the branch; a pattern of protected branches may match it",
    401: "the token in ROSTER_UPDATE_TOKEN is invalid or has expired",
    403: "the token needs the scope api and the role Developer, and must be allowed to push the branch",
    404: "the token's user cannot see the project",
    409: "the branch or its merge request changed during the job; run the job again",
}


class Job(NamedTuple):
    """The commit and the project of a job, from GitLab's variables.

    Attributes:
        project: its id.
        target: the default branch.
        api: the API of the project.
    """

    project: str
    commit: str
    target: str
    api: GitLabApi


def run(folder: str, variables: Mapping[str, str], roster: Run) -> str:
    """Update the facts unless there is a reason to skip it, and return the outcome.

    Args:
        folder: the folder with the rosters, relative to the repository, which is the working directory.
        roster: runs `roster` with arguments in the folder.
    """
    is_scheduled = variables.get("CI_PIPELINE_SOURCE") == "schedule"
    if not is_scheduled or variables.get("CI_COMMIT_BRANCH") != variables.get("CI_DEFAULT_BRANCH"):
        return "skipped: not a scheduled pipeline of the default branch"
    if PurePosixPath(folder).is_absolute() or ".." in PurePosixPath(folder).parts:
        raise JobError(f"the folder {quote(folder)} is invalid: must be a path in the repository")
    token = variables.get("ROSTER_UPDATE_TOKEN", "").strip()
    if not token:
        return "skipped: ROSTER_UPDATE_TOKEN is not set (see docs/publishing.md)"
    sources = variables.get("ROSTER_PROVIDERS_FROM", "").split()
    return update(folder, _job(variables, token), roster, sources, retire=_is_true(variables, "ROSTER_RETIRE_DUE"))


def update(folder: str, job: Job, roster: Run, sources: Iterable[str], *, retire: bool) -> str:
    """Update the facts and, if `retire`, the rosters; propose the changes, and return the outcome."""
    before, findings_before = snapshot(Path(folder)), diagnostics(roster)
    options = [f"--from={source}" for source in sources]
    facts = output(roster, "providers", "update", "--format", "markdown", *options)
    # The command exits with 1 if a model needs a decision by people; it retires the others.
    announced = output(roster, "retire", "--due", statuses=(0, 1)) if retire else None
    changes = changed(before, snapshot(Path(folder)))
    branch = re.sub("[^A-Za-z0-9]+", "-", f"{BRANCH}-{folder}").strip("-")
    digest, version = digest_of(changes), digest_of(changes, with_days=True)
    if digest is None or version is None:
        return _unchanged(branch, job)
    findings = new_findings(findings_before, diagnostics(roster))
    impact = _impact(roster, job.commit) if _has_rosters(changes) else None
    description = describe(facts.stdout, findings, announced.stderr if announced else None, impact)
    files = {(PurePosixPath(folder) / path).as_posix(): contents for path, contents in changes.items()}
    proposal = Proposal(branch, job.target, job.commit, files, digest, version, title(findings), description)
    return propose(proposal, job.project, job.api)


def _job(variables: Mapping[str, str], token: str) -> Job:
    url, commit, target, _ = require(variables, "CI_API_V4_URL", "CI_COMMIT_SHA", "CI_DEFAULT_BRANCH", "CI_PROJECT_ID")
    [project] = require_ids(variables, "CI_PROJECT_ID")
    if not is_commit(commit):
        raise JobError("CI_COMMIT_SHA is invalid: must be the hash of a commit")
    return Job(project, commit, target, GitLabApi(f"{url}/projects/{project}", "PRIVATE-TOKEN", token))


def _is_true(variables: Mapping[str, str], name: str) -> bool:
    value = variables.get(name, "").strip() or "false"
    if value not in ("true", "false"):
        raise JobError(f"{name} is invalid: must be true or false")
    return value == "true"


def _has_rosters(changes: Iterable[str]) -> bool:
    return any(path != PROVIDER_FACTS for path in changes)


def _impact(roster: Run, commit: str) -> str:
    """Return the report of `roster diff`, which exits with 1 or 2 if the rosters have errors, and reports the rest."""
    done = output(roster, "diff", commit, "--format", "markdown", statuses=(0, 1, 2))
    if not done.stdout.strip():
        raise CommandError(f"roster diff failed with exit status {done.returncode}")
    return done.stdout


def _unchanged(branch: str, job: Job) -> str:
    for request in merge_requests(branch, job.target, job.project, job.api):
        if request["state"] == "opened":
            return f"no changes; !{request['iid']} proposes outdated facts, close it"
    return "no changes"


def main(arguments: Sequence[str], variables: Mapping[str, str], roster: Run | None = None) -> int:
    """Return the exit status: 0 proposed, unchanged or skipped, 1 a command or request failed, 2 wrong usage."""
    parser = argparse.ArgumentParser("update_facts.py", description="Propose newer provider facts in a merge request.")
    parser.add_argument("folder", nargs="?", default=".", help="folder with the rosters (default: the repository)")
    folder = parser.parse_args(arguments).folder
    try:
        print(f"update-facts: {run(folder, variables, roster or partial(run_roster, folder, variables))}")
    except (ApiError, CommandError, Conflict, JobError) as error:
        message = error.with_remedy(REMEDIES) if isinstance(error, ApiError) else error
        print(f"update-facts: {message}", file=sys.stderr)
        return 2 if isinstance(error, JobError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
