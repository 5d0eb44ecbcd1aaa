"""A gateway to sync with: it answers with bytes and headers that it was given.

    python tests/benchmarks/definitions.py PORT HEADERS BODY NEXT

HEADERS is a file with a JSON object, with an ETag in it; BODY and NEXT are files. Below /etag a request that knows the
ETag is answered with 304, and one that does not with another list each time, so that the two cannot be taken for each
other; /plain gives no ETag, and always BODY; /turns gives BODY and NEXT by turns.
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
    known = request.headers.get("if-none-match") == ETAG
    return Response(None if known else next(TURNS), 304 if known else 200, HEADERS | {"ETag": ETAG})


async def plain(_: Request) -> Response:
    return Response(BODY, headers=HEADERS)


async def turns(_: Request) -> Response:
    return Response(next(TURNS), headers=HEADERS)


logging.basicConfig(level=logging.WARNING)
app = Starlette(routes=[Route(f"/{each.__name__}{PATH}", each) for each in (etag, plain, turns)])
uvicorn.Server(uvicorn.Config(app, port=PORT, log_config=None, server_header=False)).run()
