"""Exit with 0 if the server of this container responds, otherwise with 1. ``PORT`` is its port."""

import os
import sys
from urllib.request import ProxyHandler, build_opener

URL = f"http://127.0.0.1:{os.environ.get('PORT', '5052')}/-/liveness"

try:
    # Without the proxy of the environment, which does not lead to this container.
    build_opener(ProxyHandler({})).open(URL, timeout=4).close()
except OSError as error:
    sys.exit(f"{URL}: {error}")
