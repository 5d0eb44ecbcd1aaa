"""A small reverse proxy, used if nginx is not installed: ``python -m roster.demo.relay PORT UPSTREAM_PORT``."""

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError

_TIMEOUT_SECONDS = 30
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
"""Headers that apply to one connection only and are not forwarded (RFC 9110, 7.6.1)."""


class Relay(ThreadingHTTPServer):
    """Forwards requests below ``/v1/`` and returns the responses unchanged, or 502 if there is none."""

    def __init__(self, port: int, upstream: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = HTTPConnectionPool("127.0.0.1", upstream, timeout=_TIMEOUT_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        """Forward a request and return the response."""
        if not self.path.startswith("/v1/"):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        upstream = self.server.upstream
        try:
            response = upstream.urlopen(
                self.command, self.path, headers=headers, retries=False, redirect=False, decode_content=False
            )
        except HTTPError as error:
            self.log_error("no response from the upstream: %s", error)
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.data)

    do_HEAD = do_GET

    def log_request(self, *_: object) -> None:
        """Log only errors."""


def main(arguments: list[str]) -> None:
    """Serve until the process is terminated."""
    port, upstream = map(int, arguments)
    with Relay(port, upstream) as relay:
        relay.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
