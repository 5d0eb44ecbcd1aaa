"""A small relay, for where nginx is not installed: ``python -m roster.demo.relay PORT UPSTREAM_PORT``."""

import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SECONDS = 30
"""How long the upstream may take for each step of an answer."""
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
"""What a message says of its own connection only (RFC 9110, 7.6.1)."""


class Relay(ThreadingHTTPServer):
    """Hands on what it is asked below ``/v1/``, and the answer as it is; 502 where there is none."""

    def __init__(self, port: int, upstream: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.upstream = upstream


class _Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        """Hand a request on, and its answer back."""
        if not self.path.startswith("/v1/"):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            response, body = self._asked()
        except (OSError, HTTPException) as error:
            self.log_error("the upstream gave no answer: %s", error)
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def _asked(self) -> tuple[HTTPResponse, bytes]:
        upstream = HTTPConnection("127.0.0.1", self.server.upstream, timeout=_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            upstream.request(self.command, self.path, headers=headers)
            response = upstream.getresponse()
            return response, response.read()
        finally:
            upstream.close()

    def log_request(self, *_: object) -> None:
        """Log what goes wrong only."""


def main(arguments: list[str]) -> None:
    """Serve until the process is ended."""
    port, upstream = map(int, arguments)
    with Relay(port, upstream) as relay:
        relay.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
