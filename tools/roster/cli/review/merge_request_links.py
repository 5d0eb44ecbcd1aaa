"""The addresses of the compared files in the merge request whose pipeline runs ``roster diff``.

The variables are described at https://docs.gitlab.com/ci/variables/predefined_variables/
"""

import re
from collections.abc import Mapping, Sequence

from roster.cli.review.revisions import NamedTree
from roster.diff.change import HEAD, SIDES
from roster.git.commit_tree import CommitTree
from roster.repository import Repository

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)+")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def blob_addresses(trees: Sequence[NamedTree], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the address of the folder of each version in GitLab, by side, as far as it has one.

    The working tree is that of the pipeline's commit only in a pipeline of a merge request: other jobs change it.
    """
    project = variables.get("CI_PROJECT_URL", "").rstrip("/")
    if not variables.get("CI_MERGE_REQUEST_IID") or not _ADDRESS.fullmatch(project):
        return {}
    commits = {side: _commit(each, side, variables) for side, each in zip(SIDES, trees, strict=True)}
    return {side: f"{project}/-/blob/{commit}/" for side, commit in commits.items() if _COMMIT.fullmatch(commit)}


def _commit(named: NamedTree, side: str, variables: Mapping[str, str]) -> str:
    if isinstance(named.tree, CommitTree):
        return named.tree.name
    is_checkout = side == HEAD and isinstance(named.tree, Repository) and named.name == "the working tree"
    return variables.get("CI_COMMIT_SHA", "") if is_checkout else ""
