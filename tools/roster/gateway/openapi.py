"""The OpenAPI document of the gateway's own app: what FastAPI generates, with types of the definitions and examples."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from roster import http_paths
from roster.repository import toolkit_file

if TYPE_CHECKING:
    from fastapi import FastAPI

METADATA: dict[str, Any] = {
    "title": "Offered models",
    "summary": "The AI models that a platform offers.",
    "description": "Instances copy the list of models from here and choose from it.",
    "contact": {"name": "The operators of the gateway"},
    "license_info": {"name": "MIT", "identifier": "MIT"},
    "servers": [{"url": "/", "description": "This gateway."}],
    "openapi_tags": [
        {"name": "models", "description": "The list of models, in the shapes that different clients read."},
        {"name": "health", "description": "What probes and Prometheus read. No authentication is required."},
    ],
}
_OPERATION_IDS = {
    http_paths.OFFERED: "listOfferedModels",
    http_paths.DEFINITIONS: "getDefinitions",
    http_paths.MODELS: "listModels",
    http_paths.MODEL: "retrieveModel",
    http_paths.LIVENESS: "checkLiveness",
    http_paths.READINESS: "getReadiness",
    http_paths.METRICS: "getMetrics",
}
"""Clients are generated with these names. Apps that mount the gateway choose their own."""
_NOT_FOR_CLIENTS = ("errorMessage", "$schema", "$id", "title")


def operation_id(route: APIRoute) -> str:
    """Return the name of a route's operation."""
    return _OPERATION_IDS.get(route.path_format, route.name)


def describe(app: "FastAPI") -> None:
    """Let an app serve this document. It is generated once, when it is first requested."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: "FastAPI") -> dict[str, Any]:
    document = get_openapi(
        version=app.version, openapi_version=app.openapi_version, routes=app.routes, **_renamed(METADATA)
    )
    document["security"] = []  # operations that require authentication override it
    _add_definitions(document)
    examples = json.loads((files("roster.gateway") / "openapi_examples.json").read_bytes())
    for path, example in examples.items():
        (content,) = document["paths"][path]["get"]["responses"]["200"]["content"].values()
        content["example"] = example
    return document


def _renamed(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``get_openapi``, which calls the tags otherwise than an app does."""
    return {"tags" if name == "openapi_tags" else name: value for name, value in metadata.items()}


def _add_definitions(document: dict[str, Any]) -> None:
    """Add the types of the definitions, which are those of their JSON Schema."""
    schema = json.loads(toolkit_file("definitions.schema.json").read_bytes())
    parts = {_component(name): part for name, part in schema.pop("$defs").items()} | {"Definitions": schema}
    document["components"]["schemas"] |= {name: _for_clients(part) for name, part in sorted(parts.items())}
    content = document["paths"][http_paths.DEFINITIONS]["get"]["responses"]["200"]["content"]["application/json"]
    content["schema"] = {"$ref": "#/components/schemas/Definitions"}


def _component(name: str) -> str:
    return f"Defined{name.title().replace('_', '')}"


def _for_clients(part: Any) -> Any:
    """Return a part of the schema without what is for authors, and open to keys of later versions."""
    if isinstance(part, list):
        return [_for_clients(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: _converted(key, value) for key, value in part.items() if _is_for_clients(key, value)}


def _is_for_clients(key: str, value: Any) -> bool:
    return not (key in _NOT_FOR_CLIENTS and isinstance(value, str)) and (key, value) != ("additionalProperties", False)


def _converted(key: str, value: Any) -> Any:
    if key == "$ref":
        return f"#/components/schemas/{_component(value.removeprefix('#/$defs/'))}"
    return value if key == "examples" else _for_clients(value)
