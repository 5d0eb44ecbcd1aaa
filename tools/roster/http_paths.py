"""URL paths of the gateway's HTTP interface, and the monitoring paths that gateway and instance both serve."""

MODELS = "/v1/models"
OFFERED = f"{MODELS}/offered"
DEFINITIONS = f"{MODELS}/definitions"

LIVENESS = "/-/liveness"
READINESS = "/-/readiness"
METRICS = "/metrics"

GATEWAY_PATHS = (OFFERED, DEFINITIONS, LIVENESS, READINESS, METRICS)
"""Everything that a gateway serves."""
