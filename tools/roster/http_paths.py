"""URL paths of the gateway's HTTP interface, and the monitoring paths that gateway and instance both serve."""

MODELS = "/v1/models"
OFFERED = f"{MODELS}/offered"
DEFINITIONS = f"{MODELS}/definitions"

LIVENESS = "/-/liveness"
READINESS = "/-/readiness"
METRICS = "/metrics"

MONITORING_PATHS = (LIVENESS, READINESS, METRICS)
"""What both servers serve for probes and Prometheus."""

GATEWAY_PATHS = (OFFERED, DEFINITIONS, *MONITORING_PATHS)
"""Everything that a gateway serves."""
