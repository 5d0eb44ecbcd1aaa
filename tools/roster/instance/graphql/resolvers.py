"""The resolvers of the root fields: queries read through the request's context, mutations write through it."""

from functools import partial
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry import ID, Info

from roster import __version__
from roster.instance.graphql import types
from roster.instance.graphql.request_context import RequestContext, SelectionChange, parse_namespace_id
from roster.instance.graphql.type_builders import build_sync, feature_names
from roster.instance.selection.selection_changes import RequestedSelection, delete_selection, upsert_selection
from roster.naming import did_you_mean, quote

_Info: TypeAlias = Info[RequestContext, None]
_Input: TypeAlias = (
    types.AiFeatureSettingUpdateInput
    | types.AiFeatureSettingDeleteInput
    | types.AiModelSelectionNamespaceUpdateInput
    | types.AiModelSelectionNamespaceDeleteInput
)
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
    change = partial(upsert_selection, requested=requested)
    return _write(info, change, input, types.AiFeatureSettingUpdatePayload)


def delete_instance(
    info: _Info, input: Annotated[types.AiFeatureSettingDeleteInput, _DELETE]
) -> types.AiFeatureSettingDeletePayload:
    """Delete the instance's selection for a feature."""
    change = partial(delete_selection, feature=input.feature, namespace_id=None)
    return _write(info, change, input, types.AiFeatureSettingDeletePayload)


def update_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceUpdateInput, _UPDATE]
) -> types.AiModelSelectionNamespaceUpdatePayload:
    """Create or change a namespace's selection for a feature."""
    namespace_id = parse_namespace_id(input.namespace_id)
    change = partial(
        upsert_selection, requested=RequestedSelection(input.feature, (input.model,), input.model, namespace_id)
    )
    return _write(info, change, input, types.AiModelSelectionNamespaceUpdatePayload, namespace_id)


def delete_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceDeleteInput, _DELETE]
) -> types.AiModelSelectionNamespaceDeletePayload:
    """Delete a namespace's selection for a feature."""
    namespace_id = parse_namespace_id(input.namespace_id)
    change = partial(delete_selection, feature=input.feature, namespace_id=namespace_id)
    return _write(info, change, input, types.AiModelSelectionNamespaceDeletePayload, namespace_id)


def _write(
    info: _Info, change: SelectionChange, input: _Input, payload: type[_Payload], namespace_id: int | None = None
) -> _Payload:
    errors, state = info.context.write(change, namespace_id)
    setting = info.context.builder.setting(state, namespace_id, input.feature)
    return payload(ai_feature_setting=setting, errors=errors, client_mutation_id=input.client_mutation_id)
