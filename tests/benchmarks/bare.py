"""Baseline of the gateway benchmark: a bare Starlette route on the same uvicorn that returns fixed bytes.

    python tests/benchmarks/bare.py PORT BODY HEADERS

BODY is a file; HEADERS is a file with a JSON object. uvicorn is configured as in
``roster gateway serve``, but its own access log is on: one line of text per request.
"""

import gc
import json
import logging
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PORT, BODY, HEADERS = int(sys.argv[1]), Path(sys.argv[2]).read_bytes(), json.loads(Path(sys.argv[3]).read_bytes())


async def respond(_: Request) -> Response:
    return Response(BODY, headers=HEADERS)


gc.disable()
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
app = Starlette(routes=[Route("/v1/models/offered", respond)])
uvicorn.Server(uvicorn.Config(app, port=PORT, log_config=None, server_header=False)).run()
