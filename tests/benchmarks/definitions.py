"""Gateway stub for the sync benchmark: it responds with fixed bytes and headers.

    python tests/benchmarks/definitions.py PORT HEADERS BODY NEXT

HEADERS is a file with a JSON object that includes an ETag; BODY and NEXT are files. Paths under /etag return 304 if the
request has the ETag, and otherwise NEXT and BODY alternately, so that a missing 304 is noticed. Paths under /plain
return BODY without an ETag; paths under /turns return NEXT and BODY alternately.
"""

import itertools
import json
import logging
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/v1/models/definitions"
PORT, HEADERS = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_bytes())
BODY, NEXT = (Path(name).read_bytes() for name in sys.argv[3:])
ETAG = HEADERS.pop("etag")
TURNS = itertools.cycle([NEXT, BODY])


async def etag(request: Request) -> Response:
    is_current = request.headers.get("if-none-match") == ETAG
    return Response(None if is_current else next(TURNS), 304 if is_current else 200, HEADERS | {"ETag": ETAG})


async def plain(_: Request) -> Response:
    return Response(BODY, headers=HEADERS)


async def turns(_: Request) -> Response:
    return Response(next(TURNS), headers=HEADERS)


logging.basicConfig(level=logging.WARNING)
app = Starlette(routes=[Route(f"/{each.__name__}{PATH}", each) for each in (etag, plain, turns)])
uvicorn.Server(uvicorn.Config(app, port=PORT, log_config=None, server_header=False)).run()
