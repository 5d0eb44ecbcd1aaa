"""The region of a cloud provider in the host of an endpoint."""

import re
from urllib.parse import urlsplit

_VERTEX_REGION = re.compile(
    r"(?:(?P<region>[a-z0-9-]+)-)?aiplatform(?:\.(?P<multi_region>[a-z0-9-]+)\.rep)?(?:\.mtls)?\.googleapis\.com"
)
"""https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/locations"""
_AWS_REGION = re.compile(
    r"(?:[a-z0-9-]+\.)+(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d+)\."
    r"(?:(?:vpce\.)?amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws|api\.amazonwebservices\.(?:com\.cn|eu))"
)
"""Standard, FIPS, dual-stack and VPC endpoints: https://docs.aws.amazon.com/general/latest/gr/rande.html"""


def vertex_region(endpoint: str) -> str:
    """Return the region of a Vertex AI endpoint, ``global`` for the global one; empty if its host names none."""
    host = _VERTEX_REGION.fullmatch(_host(endpoint))
    return (host["region"] or host["multi_region"] or "global") if host else ""


def aws_region(endpoint: str) -> str:
    """Return the region of an AWS endpoint; empty if its host names none."""
    host = _AWS_REGION.fullmatch(_host(endpoint))
    return host["region"] if host else ""


def _host(endpoint: str) -> str:
    return (urlsplit(endpoint).hostname or "").removesuffix(".")
