"""Publish the output of `roster render` to GitLab's generic package registry: python tools/publish.py [--insist] [DIST]

    roster/<version>/<environment>.gateway.json           the files of a version never change
    roster/<version>/<environment>.offered_models.json
    roster/<version>/<environment>.<file>.sig             the signature, if rendered with --sign
    roster/current/<environment>.json                     the pointer to the newest version, with sha256

Pointers are updated last, after all files of all environments were uploaded, so a failed run does not affect
consumers. Files that are already in the registry are not uploaded again, so a run can be repeated. A pointer is never
updated to a lower sequence, or to different content with the same sequence (docs/publishing.md).

The names match the patterns of https://docs.gitlab.com/user/packages/generic_packages/ (letters, digits, `.`, `_`,
`-`, `+`; no folders, which older GitLab versions reject). The registry keeps duplicates and serves the newest one,
unless the group rejects duplicates; then add `current` to the group's exceptions.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.gitlab import ApiError, JobError, require, require_ids
from pipeline.package_registry import PackageRegistry, ensure_stored, read_pointer
from pipeline.rendered_releases import read_releases
from roster.publishing.release import GATEWAY, PACKAGE, PublishedRelease, Release, package_version, sha256
from roster.publishing.sequence import is_from_future
from roster.publishing.signature import SIGNATURE_SUFFIX


def publish(
    releases: Sequence[Release], registry: PackageRegistry, *, insist: bool = False, today: date | None = None
) -> None:
    """Upload the files of every new release, then update the pointers.

    Args:
        insist: fail if something newer is published, instead of skipping the release.
        today: fail if what is published is dated later; nothing else could ever be published.
    """
    version = package_version(*releases)
    pointers = [(release, read_pointer(release, registry)) for release in releases]
    for release, old in pointers:
        if old and today:
            _check_date(release, old, today)
    due = [(release, old) for release, old in pointers if _is_due(release, old, registry, insist)]
    for release, _ in due:
        for name, body in release.files.items():
            ensure_stored(release.path(version, name), body, registry)
    for release, old in due:
        # The registry has no conditional upload; `resource_group` in .gitlab-ci.yml excludes other jobs.
        if read_pointer(release, registry) != old:
            raise ApiError(f"{release.pointer_path} was changed by another job during this one; run the job again")
        registry.upload(release.pointer_path, release.pointer(version))


def _check_date(release: Release, published: PublishedRelease, today: date) -> None:
    if is_from_future(published.sequence, today):
        problem = f"sequence {published.sequence} is dated in the future, so that nothing newer could be published"
        raise JobError(f"{release.pointer_path}: {problem}; delete the file from the package registry")


def _is_due(release: Release, published: PublishedRelease | None, registry: PackageRegistry, insist: bool) -> bool:
    if published is None:
        return True
    if published.sequence > release.sequence:
        # An older pipeline that finished late or was retried, or an operator published something else instead.
        message = (
            f"{release.environment}: not published: sequence {published.sequence} is newer than {release.sequence}"
        )
        if insist:
            raise JobError(f"{message}; use the newest pipeline, or a higher ROSTER_PUBLICATION")
        print(message)
        return False
    if published.sequence == release.sequence:
        _ensure_published(release, published, registry)
    elif not _is_unchanged(release, published, registry):
        return True
    print(f"{release.environment}: {published.version} is already published")
    return False


def _ensure_published(release: Release, published: PublishedRelease, registry: PackageRegistry) -> None:
    """Upload the files that the registry has lost; fail if the published ones differ from those of the release."""
    digests = {name: sha256(body) for name, body in release.files.items()}
    if (published.revision, published.digests) != (release.revision, digests):
        # Consumers with the other content would not download this one.
        problem = f"sequence {release.sequence} is already published with different content"
        raise JobError(f"{release.environment}: {problem}; set a higher ROSTER_PUBLICATION")
    for name, body in release.files.items():
        ensure_stored(release.path(published.version, name), body, registry)


def _is_unchanged(release: Release, published: PublishedRelease, registry: PackageRegistry) -> bool:
    """Return whether the published files are complete and equal those of a release, apart from the sequence."""
    if published.digests.keys() != release.files.keys():
        return False
    for name, body in release.files.items():
        stored = registry.read(release.path(published.version, name)) or b""
        if sha256(stored) != published.digests[name] or _comparable(name, stored) != _comparable(name, body):
            return False
    return True


def _comparable(name: str, body: bytes) -> object:
    """Return the content without the sequence, and without what depends on it in its signature."""
    varying = {GATEWAY: "sequence", f"{GATEWAY}{SIGNATURE_SUFFIX}": "signature"}
    try:
        return {**json.loads(body), varying[name]: None} if name in varying else body
    except (ValueError, TypeError, RecursionError):
        return body


def main(arguments: Sequence[str], variables: Mapping[str, str]) -> int:
    """Return the exit status: 0 published, 1 failed request, 2 wrong configuration."""
    parser = argparse.ArgumentParser("publish.py", description="Publish the output of roster render.")
    parser.add_argument("dist", nargs="?", type=Path, default=Path("dist"), help="artifact folder (default: dist)")
    parser.add_argument("--insist", action="store_true", help="fail if something newer is already published")
    options = parser.parse_args(arguments)
    today = datetime.now(UTC).date()
    try:
        releases = read_releases(options.dist, today)
        url, _, token = require(variables, "CI_API_V4_URL", "CI_PROJECT_ID", "CI_JOB_TOKEN")
        [project] = require_ids(variables, "CI_PROJECT_ID")
        registry = PackageRegistry(f"{url}/projects/{project}/packages/generic/{PACKAGE}", "JOB-TOKEN", token)
        publish(releases, registry, insist=options.insist, today=today)
    except (JobError, ApiError) as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2 if isinstance(error, JobError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
