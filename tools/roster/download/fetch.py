"""Download the configured file, its signature, and the pointer file that names them.

The token is sent to the origin of the configured URL only, so redirects to other origins are rejected. Failed
connections and temporary errors are retried until the deadline.
"""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from roster.download.deadline import Deadline, run_with_deadline
from roster.download.download_result import Download
from roster.download.download_settings import DownloadSettings
from roster.download.http_client import VALID_ETAG, HttpClient, HttpResponse
from roster.download.pointer import Pointer, parse_pointer
from roster.download.rejection import Rejected
from roster.download.repeated_token import redact_token, reject_repeated_token
from roster.download.retry import REAL_TIMING, RetryTiming, with_retries
from roster.http_headers import AUTHORIZATION, IF_NONE_MATCH
from roster.naming import quote
from roster.settings.urls import Origin, parse_origin, sibling_url, without_query

_MAX_SIGNATURE_BYTES = 16 * 1024
_MAX_REDIRECTS = 5


def fetch(settings: DownloadSettings, etag: str | None, timing: RetryTiming = REAL_TIMING) -> Download | None:
    """Download the configured file; return None if it is unchanged since ``etag``.

    Raises:
        Rejected: no complete file arrived within the deadline.
    """
    return run_with_deadline(
        settings.deadline_seconds, lambda deadline: _DownloadRun(settings, deadline, timing).run(etag)
    )


class _DownloadRun:
    """One download: several requests with one token, over connections that share one deadline."""

    def __init__(self, settings: DownloadSettings, deadline: Deadline, timing: RetryTiming) -> None:
        self._settings, self._deadline, self._timing = settings, deadline, timing
        self._origin = parse_origin(settings.url)
        self._client = HttpClient(deadline, settings.proxy, tls=self._origin.scheme == "https")

    def run(self, etag: str | None) -> Download | None:
        try:
            return self._download(etag)
        except Rejected as rejected:
            raise Rejected(rejected.reason, redact_token(self._settings, rejected.message)) from None
        finally:
            self._client.close()

    def _download(self, etag: str | None) -> Download | None:
        url = self._settings.url
        response = self._get(url, self._settings.max_bytes, etag=etag)
        body = response.body
        if body is None:
            return None
        if pointer := parse_pointer(body):
            url = pointer.file_url(url)
            body = self._get_file(pointer, url)
        signature = self._get_signature(url) if self._settings.public_keys else None
        return Download(body, response.etag, signature, without_query(url), self._client.requests)

    def _get_file(self, pointer: Pointer, url: str) -> bytes:
        environment = self._settings.environment
        if environment and pointer.environment != environment:
            message = f"the pointer is for {quote(pointer.environment)}, not {quote(environment)}"
            raise Rejected("wrong-environment", message)
        body = self._get(url, self._settings.max_bytes, require_length=False).body or b""
        if sha256(body).hexdigest() != pointer.sha256:
            raise Rejected("truncated", "the file does not match the sha256 in the pointer")
        return body

    def _get_signature(self, url: str) -> bytes | None:
        try:
            return self._get(sibling_url(url, ".sig"), _MAX_SIGNATURE_BYTES).body
        except Rejected as rejected:
            if rejected.reason == "not-found":
                return None
            raise

    def _get(self, url: str, max_bytes: int, *, etag: str | None = None, require_length: bool = True) -> HttpResponse:
        """Send a request, conditional if there is an ETag; follow redirects and retry."""
        headers = self._token_header() | ({IF_NONE_MATCH: etag} if etag and VALID_ETAG.fullmatch(etag) else {})

        def get(url: str) -> HttpResponse:
            response = self._client.get(url, headers, max_bytes, require_length=require_length)
            for text in (response.etag, response.location):
                reject_repeated_token(self._settings, (text or "").encode())
            reject_repeated_token(self._settings, response.body or b"")
            return response

        return with_retries(lambda: _follow_redirects(get, url, self._origin), self._deadline, self._timing)

    def _token_header(self) -> dict[str, str]:
        if self._settings.token is None:
            return {}
        form, token = self._settings.header, self._settings.token.reveal()
        if form == "Bearer":
            return {AUTHORIZATION: f"Bearer {token}"}
        if form == "Basic":
            return {AUTHORIZATION: f"Basic {b64encode(token.encode()).decode()}"}
        return {form: token}


def _follow_redirects(get: Callable[[str], HttpResponse], url: str, allowed: Origin) -> HttpResponse:
    """Return the first response that is not a redirect.

    Raises:
        Rejected: a redirect leaves the allowed origin, is malformed, or there are too many.
    """
    for _ in range(1 + _MAX_REDIRECTS):
        response = get(url)
        if response.location is None:
            return response
        url = _redirect_target(url, response.location, allowed)
    raise Rejected("bad-status", f"the source redirects more than {_MAX_REDIRECTS} times")


def _redirect_target(url: str, location: str, allowed: Origin) -> str:
    try:
        target = urljoin(url, location) if location else ""
        origin = parse_origin(target)
    except ValueError:
        raise Rejected("bad-status", "the source redirects to an invalid URL") from None
    if origin != allowed or "@" in urlsplit(target).netloc:
        where = quote(f"{origin.scheme}://{origin.host}:{origin.port}")
        raise Rejected(
            "redirected-away",
            f"the source redirects to {where}, but the token must only be sent to the configured origin",
        )
    return target
