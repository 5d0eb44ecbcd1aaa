"""The stub of GitLab's package API: authentication, versions and the pointer."""

import json
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import urllib3

from roster.demo.package_api import PackageApi
from roster.demo.services import free_ports
from roster.publishing.release import Release, sha256


@pytest.fixture
def api() -> Iterator[PackageApi]:
    with PackageApi(free_ports(None).package_api) as server:
        yield server


def release(sequence: int) -> Release:
    return Release("production", sequence, "unversioned", {"gateway.json": b"list %d" % sequence})


def get(api: PackageApi, url: str, **headers: str) -> urllib3.BaseHTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request("GET", url, headers={"DEPLOY-TOKEN": api.token} | named, retries=False, timeout=10)


def test_pointer_names_newest_version_and_older_remain(api: PackageApi):
    versions = [api.publish(release(sequence)) for sequence in (1, 2)]
    url = api.url("current/production.json")
    pointer = get(api, url).json()
    assert (pointer["version"], pointer["sequence"]) == (versions[1], 2)
    file = pointer["files"]["gateway.json"]
    assert file["sha256"] == sha256(b"list 2")
    assert get(api, urljoin(url, f"../{file['path']}")).data == b"list 2"
    assert get(api, api.url(f"{versions[0]}/production.gateway.json")).data == b"list 1"


def test_304_until_content_changes(api: PackageApi):
    api.publish(release(1))
    url = api.url("current/production.json")
    etag = get(api, url).headers["ETag"]
    assert get(api, url, If_None_Match=etag).status == 304
    api.publish(release(2))
    assert get(api, url, If_None_Match=etag).status == 200


def test_token_is_required(api: PackageApi):
    api.publish(release(1))
    for path in ("current/production.json", "current/nowhere.json"):
        refused = get(api, api.url(path), DEPLOY_TOKEN="other")
        assert (refused.status, json.loads(refused.data)) == (401, {"message": "401 Unauthorized"})
        assert urllib3.request("GET", api.url(path), retries=False).status == 401
    assert get(api, api.url("current/nowhere.json")).status == 404
