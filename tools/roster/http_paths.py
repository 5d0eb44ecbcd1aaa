"""URL paths of the gateway's HTTP interface, and the monitoring paths that gateway and instance both serve."""

MODELS = "/v1/models"
MODEL = f"{MODELS}/{{model_id}}"
OFFERED = f"{MODELS}/offered"
DEFINITIONS = f"{MODELS}/definitions"

LIVENESS = "/-/liveness"
READINESS = "/-/readiness"
METRICS = "/metrics"

OPENAPI = "/openapi.json"

MONITORING_PATHS = (LIVENESS, READINESS, METRICS)
"""What both servers serve for probes and Prometheus."""

GATEWAY_PATHS = (OFFERED, DEFINITIONS, *MONITORING_PATHS)
"""What a gateway serves in every app."""
OPENAI_PATHS = (MODELS, MODEL)
"""What it serves for clients of OpenAI's API, if its app has no such paths."""
