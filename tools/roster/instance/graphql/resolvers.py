"""The resolvers of the root fields: queries read through the request's context, mutations write through it."""

from functools import partial
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry import ID, Info

from roster import __version__
from roster.instance.graphql import types
from roster.instance.graphql.request_context import RequestContext, SelectionWrite, parse_namespace_id
from roster.instance.graphql.type_builders import build_sync, feature_names
from roster.instance.selection import selection_changes
from roster.instance.selection.selection_changes import RequestedSelection
from roster.naming import did_you_mean, quote

_Info: TypeAlias = Info[RequestContext, None]
_Payload = TypeVar("_Payload", bound=types.AiFeatureSettingUpdatePayload)
_UPDATE = strawberry.argument(description="The selection to create or change.")
_DELETE = strawberry.argument(description="The selection to delete.")


def roster_version() -> str:
    """Return the version of roster."""
    return __version__


def feature_settings(
    info: _Info,
    features: Annotated[
        list[str] | None, strawberry.argument(description="Return only these features, in this order.")
    ] = None,
    namespace_id: Annotated[
        ID | None,
        strawberry.argument(
            description="Return the settings of this namespace: a numeric ID, or a global ID such as "
            "gid://gitlab/Group/7."
        ),
    ] = None,
) -> types.AiFeatureSettingConnection:
    """Return the settings of features."""
    number = None if namespace_id is None else parse_namespace_id(namespace_id)
    state = info.context.state(number)
    names = feature_names(state) if features else {}
    for name in features or ():
        if name not in names:
            hint = did_you_mean(name, names)
            raise GraphQLError(f"there is no feature {quote(name)}" + (f": {hint}" if hint else ""))
    return info.context.builder.settings(state, number, features)


def sync(info: _Info) -> types.AiModelSelectionSync:
    """Return the sync state of the list."""
    return build_sync(info.context.status(), info.context.now())


def update_instance(
    info: _Info, input: Annotated[types.AiFeatureSettingUpdateInput, _UPDATE]
) -> types.AiFeatureSettingUpdatePayload:
    """Create or change the instance's selection for a feature."""
    requested = RequestedSelection(input.feature, tuple(input.models), input.default_model)
    return _upsert(info, types.AiFeatureSettingUpdatePayload, requested, input.client_mutation_id)


def delete_instance(
    info: _Info, input: Annotated[types.AiFeatureSettingDeleteInput, _DELETE]
) -> types.AiFeatureSettingDeletePayload:
    """Delete the instance's selection for a feature."""
    return _delete(info, types.AiFeatureSettingDeletePayload, input.feature, None, input.client_mutation_id)


def update_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceUpdateInput, _UPDATE]
) -> types.AiModelSelectionNamespaceUpdatePayload:
    """Create or change a namespace's selection for a feature."""
    requested = RequestedSelection(input.feature, (input.model,), input.model, parse_namespace_id(input.namespace_id))
    return _upsert(info, types.AiModelSelectionNamespaceUpdatePayload, requested, input.client_mutation_id)


def delete_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceDeleteInput, _DELETE]
) -> types.AiModelSelectionNamespaceDeletePayload:
    """Delete a namespace's selection for a feature."""
    number = parse_namespace_id(input.namespace_id)
    payload = types.AiModelSelectionNamespaceDeletePayload
    return _delete(info, payload, input.feature, number, input.client_mutation_id)


def _upsert(info: _Info, payload: type[_Payload], requested: RequestedSelection, mutation_id: str | None) -> _Payload:
    write = partial(selection_changes.upsert_selection, requested=requested)
    return _write(info, payload, write, requested.feature, requested.namespace_id, mutation_id)


def _delete(
    info: _Info, payload: type[_Payload], feature: str, namespace_id: int | None, mutation_id: str | None
) -> _Payload:
    write = partial(selection_changes.delete_selection, feature=feature, namespace_id=namespace_id)
    return _write(info, payload, write, feature, namespace_id, mutation_id)


def _write(
    info: _Info,
    payload: type[_Payload],
    write: SelectionWrite,
    feature: str,
    namespace_id: int | None,
    mutation_id: str | None,
) -> _Payload:
    errors, state = info.context.write(write, namespace_id)
    setting = info.context.builder.setting(state, namespace_id, feature)
    return payload(ai_feature_setting=setting, errors=errors, client_mutation_id=mutation_id)
