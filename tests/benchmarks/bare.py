"""The floor of the gateway: the same uvicorn, and a bare Starlette route that answers with bytes that it was given.

    python tests/benchmarks/bare.py PORT BODY HEADERS

BODY is a file, HEADERS one with a JSON object. Logging and uvicorn are set up as ``roster gateway serve`` does it.
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


async def answer(_: Request) -> Response:
    return Response(BODY, headers=HEADERS)


gc.disable()
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
app = Starlette(routes=[Route("/v1/models/offered", answer)])
uvicorn.Server(uvicorn.Config(app, port=PORT, log_config=None, server_header=False)).run()
