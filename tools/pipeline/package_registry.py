"""The package in a project's generic package registry.

GitLab's API: https://docs.gitlab.com/user/packages/generic_packages/
"""

from __future__ import annotations

from http import HTTPStatus

from pipeline.gitlab import ApiError, GitLabApi
from roster.publishing.release import PublishedRelease, Release, parse_pointer_file


class PackageRegistry(GitLabApi):
    """The files of the package, by their path: version and name."""

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None if it does not exist, which only 404 means."""
        try:
            return self.send("GET", path).body
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def upload(self, path: str, body: bytes) -> None:
        """Upload a file, and read it back.

        GitLab answers 201 Created. Another success is not GitLab's answer to an upload: a proxy or a sign-in page.
        """
        self.send("PUT", path, body, expected=(HTTPStatus.CREATED,))
        if self.read(path) != body:
            raise ApiError(f"PUT {path}: GitLab answered 201 Created, but the stored file differs; run the job again")
        print(f"published {path}")


def ensure_stored(path: str, body: bytes, registry: PackageRegistry) -> None:
    """Upload a file unless it is already stored."""
    if registry.read(path) != body:
        registry.upload(path, body)


def read_pointer(release: Release, registry: PackageRegistry) -> PublishedRelease | None:
    """Return the release that the environment's pointer file names, or None if there is no pointer file."""
    body = registry.read(release.pointer_path)
    try:
        return None if body is None else parse_pointer_file(body, release.environment)
    except ValueError as error:
        remedy = "if the stored file is wrong, delete it from the package registry and run the job again"
        raise ApiError(f"GET {release.pointer_path}: not a pointer file: {error}; {remedy}") from None
