"""The schema of the API, and the one that is left of it while the feature is off."""

import logging
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, TypeAlias, TypeVar

import strawberry
from graphql import GraphQLError, OperationDefinitionNode
from strawberry import ID, Info
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, SchemaExtension, ValidationCache
from strawberry.types import ExecutionContext

from roster import __version__
from roster.instance.graphql import type_builders, types
from roster.instance.graphql.query_limits import TOKENS, Limits
from roster.instance.graphql.request_context import Change, Request, number_of
from roster.instance.selection import selection_changes as change
from roster.instance.selection.selection_changes import Wish
from roster.naming import did_you_mean, quote

_KEPT = 64
"""How many documents are kept parsed and validated."""
_Info: TypeAlias = Info[Request, None]
_Payload = TypeVar("_Payload", bound=types.AiFeatureSettingUpdatePayload)
_CHOICE = strawberry.argument(description="What to choose.")
_END = strawberry.argument(description="What to take back.")

log = logging.getLogger("roster.instance")


def _version() -> str:
    return __version__


def _settings(
    info: _Info,
    features: Annotated[
        list[str] | None, strawberry.argument(description="Only these features, in this order.")
    ] = None,
    namespace_id: Annotated[
        ID | None,
        strawberry.argument(
            description="As they are to this namespace: its number, or its global id such as gid://gitlab/Group/7."
        ),
    ] = None,
) -> types.AiFeatureSettingConnection:
    whose = None if namespace_id is None else number_of(namespace_id)
    state = info.context.state(whose)
    known = type_builders.listed(state) if features else {}
    for name in features or ():
        if name not in known:
            hint = did_you_mean(name, known)
            raise GraphQLError(f"there is no feature {quote(name)}" + (f": {hint}" if hint else ""))
    return info.context.views.settings(state, whose, features)


def _sync(info: _Info) -> types.AiModelSelectionSync:
    return type_builders.sync(info.context.status(), info.context.now())


def _update(
    info: _Info, input: Annotated[types.AiFeatureSettingUpdateInput, _CHOICE]
) -> types.AiFeatureSettingUpdatePayload:
    wish = Wish(input.feature, tuple(input.models), input.default_model)
    return _upsert(info, types.AiFeatureSettingUpdatePayload, wish, input.client_mutation_id)


def _delete(
    info: _Info, input: Annotated[types.AiFeatureSettingDeleteInput, _END]
) -> types.AiFeatureSettingDeletePayload:
    payload = types.AiFeatureSettingDeletePayload
    return _take_back(info, payload, input.feature, None, input.client_mutation_id)


def _update_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceUpdateInput, _CHOICE]
) -> types.AiModelSelectionNamespaceUpdatePayload:
    wish = Wish(input.feature, (input.model,), input.model, number_of(input.namespace_id))
    return _upsert(info, types.AiModelSelectionNamespaceUpdatePayload, wish, input.client_mutation_id)


def _delete_namespace(
    info: _Info, input: Annotated[types.AiModelSelectionNamespaceDeleteInput, _END]
) -> types.AiModelSelectionNamespaceDeletePayload:
    payload = types.AiModelSelectionNamespaceDeletePayload
    return _take_back(info, payload, input.feature, number_of(input.namespace_id), input.client_mutation_id)


def _upsert(info: _Info, payload: type[_Payload], wish: Wish, told: str | None) -> _Payload:
    return _changed(info, payload, partial(change.upsert, wish=wish), wish.feature, wish.namespace_id, told)


def _take_back(info: _Info, payload: type[_Payload], feature: str, whose: int | None, told: str | None) -> _Payload:
    end = partial(change.delete, feature=feature, namespace_id=whose)
    return _changed(info, payload, end, feature, whose, told)


def _changed(
    info: _Info, payload: type[_Payload], change: Change, feature: str, whose: int | None, told: str | None
) -> _Payload:
    errors, state = info.context.change(change, whose)
    setting = info.context.views.setting(state, whose, feature)
    return payload(ai_feature_setting=setting, errors=errors, client_mutation_id=told)


@strawberry.type(name="Query", description="What can be asked while the feature is off.")
class Off:
    """What can be asked while the feature is off."""

    roster_version: str = strawberry.field(resolver=_version, description="The version of roster that answers.")


@strawberry.type(name="Query", description="What can be asked.")
class Query(Off):
    """What can be asked."""

    ai_feature_settings: types.AiFeatureSettingConnection = strawberry.field(
        resolver=_settings, description="The features, with what may serve them and what does."
    )
    ai_model_selection_sync: types.AiModelSelectionSync = strawberry.field(
        resolver=_sync, description="How the copy of the offered list fares."
    )


@strawberry.type(description="What can be changed.")
class Mutation:
    """What can be changed."""

    ai_feature_setting_update: types.AiFeatureSettingUpdatePayload = strawberry.mutation(
        resolver=_update, description="Choose models for a feature: those to allow, and the default among them."
    )
    ai_feature_setting_delete: types.AiFeatureSettingDeletePayload = strawberry.mutation(
        resolver=_delete,
        description="Take the instance's choice for a feature back, so that the roster's default serves again. "
        "The choices of namespaces stay.",
    )
    ai_model_selection_namespace_update: types.AiModelSelectionNamespaceUpdatePayload = strawberry.mutation(
        resolver=_update_namespace,
        description="Choose a model for a feature in a namespace, of those that the instance allows.",
    )
    ai_model_selection_namespace_delete: types.AiModelSelectionNamespaceDeletePayload = strawberry.mutation(
        resolver=_delete_namespace,
        description="Take a namespace's choice for a feature back, so that the instance's counts.",
    )


class Schema(strawberry.Schema):
    """A schema that tells nobody what went wrong within; the log says it, by the id that is told."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Replace what is no answer to who asked."""
        for error in errors:
            if error.original_error and not isinstance(error.original_error, GraphQLError):
                error.message = internal_error(error.original_error)


class OneOperation(SchemaExtension):
    """Refuses to guess which of several operations is meant; strawberry would execute the first one.

    Raises:
        GraphQLError: https://spec.graphql.org/October2021/#GetOperation() says so.
    """

    def on_parse(self) -> Iterator[None]:
        """Look at the document when it is parsed."""
        yield
        context = self.execution_context
        given = context.graphql_document.definitions if context.graphql_document else ()
        several = sum(isinstance(each, OperationDefinitionNode) for each in given) > 1
        if several and context.context.operation is None:
            raise GraphQLError("Must provide operation name if query contains multiple operations.")


def internal_error(error: Exception) -> str:
    """Log what nobody expected, and return what is told of it."""
    id_ = secrets.token_hex(8)
    log.error("internal error %s", id_, exc_info=error)
    return f"internal error {id_}: the log says more"


_EXTENSIONS: list[Callable[[], SchemaExtension]] = [
    lambda: OneOperation(),
    lambda: MaxTokensLimiter(TOKENS),
    lambda: AddValidationRules([Limits]),
    lambda: ParserCache(_KEPT),
    lambda: ValidationCache(_KEPT),
]
schema = Schema(Query, Mutation, extensions=_EXTENSIONS)
schema_while_off = Schema(Off, extensions=_EXTENSIONS)
