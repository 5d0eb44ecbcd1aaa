"""Repositories of a monorepo that a change removed, which a check of those that exist would miss."""

from collections.abc import Iterable
from pathlib import Path

from roster.cli.review.check_targets import Target
from roster.findings import ConfigurationError
from roster.git import git_command, history
from roster.git.commit_tree import CommitTree
from roster.git.roster_folders import roster_folders_of
from roster.naming import join_names
from roster.repository import real_path


def require_present(paths: Iterable[Path], targets: Iterable[Target], ref: str) -> None:
    """Reject a change that removed all rosters of a folder, if they are below a path that was searched for rosters.

    Raises:
        ConfigurationError: it did, or git fails.
    """
    roots = [real_path(target.repository.root) for target in targets]
    for path in paths or [Path()]:
        searched = real_path(path)
        if not path.is_dir() or any(searched.is_relative_to(root) for root in roots):
            continue
        commit, prefix = history.merge_base(path, ref), git_command.prefix(path)
        before = {folder for folder in roster_folders_of(path, commit) if folder.startswith(prefix)}
        if removed := before - {CommitTree(root, commit).prefix for root in roots}:
            raise ConfigurationError(
                f"all rosters in {join_names(sorted(removed))} were removed since {commit[:12]}, which cannot be "
                "compared: restore them, or name the folders to check"
            )
