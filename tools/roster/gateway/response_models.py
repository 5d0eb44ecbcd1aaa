"""The shapes of the gateway's responses, for OpenAPI. The bodies themselves are prepared elsewhere."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from roster.model import ReleaseState

Moment = Annotated[str, Field(description="A moment, as in RFC 3339.", json_schema_extra={"format": "date-time"})]
Id = Annotated[str, Field(description="The model's public id.", examples=["claude_3_7_sonnet"])]
Name = Annotated[str, Field(description="The name shown to users.", examples=["GitLab: Claude 3.7 Sonnet"])]
State = Annotated[ReleaseState, Field(description="The most mature release state of the model.")]
Features = Annotated[
    list[str],
    Field(description="The features that the model serves, in its own order.", examples=[["duo_chat"]]),
]


class OfferedModel(BaseModel):
    """A model that instances can choose."""

    name: Name
    id: Id
    release_state: State
    features: Features


class OpenAIModel(BaseModel):
    """An offered model in the shape of OpenAI's API. Limits and capabilities are absent if they are unknown."""

    id: Id
    object: Literal["model"] = Field(description="The type of the object.")
    created: int = Field(description="When the model was created, as Unix time; always 0, because it is unknown.")
    owned_by: str = Field(description="The provider that runs the model; unknown if the list does not say.")
    shutdown_date: Annotated[str, Field(json_schema_extra={"format": "date"})] | None = Field(
        description="The first day on which the model is no longer offered; null if no end is announced."
    )
    name: Name
    release_state: State
    features: Features
    # With a factory, a key is optional and not nullable.
    context_window: int = Field(
        default_factory=int, description="The number of tokens that a request and its answer may have together."
    )
    context_length: int = Field(default_factory=int, description="The same as context_window, under OpenRouter's name.")
    max_output_tokens: int = Field(default_factory=int, description="The number of tokens that an answer may have.")
    capabilities: list[str] = Field(default_factory=list, description="What the model can do.", examples=[["vision"]])


class OpenAIModelList(BaseModel):
    """The offered models in the shape of OpenAI's API, in roster order."""

    object: Literal["list"] = Field(description="The type of the object.")
    data: list[OpenAIModel] = Field(description="The models.")


class GatewayError(BaseModel):
    """An error."""

    detail: str = Field(description="What is wrong, in a sentence.", examples=["no list has been accepted yet"])


class GatewayLiveness(BaseModel):
    """The report of a process that responds."""

    status: Literal["alive"]


class ServedVersion(BaseModel):
    """The served version of the list."""

    version: str = Field(description="Its name in logs and metrics.", examples=["8120320260805-4b825dc642cb"])
    revision: str | None = Field(description="The commit that it was rendered from; null if the source has none.")
    sequence: int | None = Field(description="It increases with every publication; null if the source has none.")
    environment: str | None = Field(description="Its environment; null if the source has none.")
    digest: str = Field(description="The SHA-256 of the downloaded file, in hexadecimal.")
    models: int = Field(description="The number of models.")
    source: Literal["download", "cache"] = Field(description="Where this process got it from.")
    since: Moment
    age_seconds: float = Field(description="Seconds since it became active.")


class UpdateProblem(BaseModel):
    """Why an update failed."""

    name: str = Field(description="The reason: one word, as in the metrics.", examples=["unreachable"])
    message: str = Field(description="The reason in a sentence.")
    version: str = Field(description="The first digits of the rejected body's digest; empty if no body arrived.")
    at: Moment


class GatewayReadiness(BaseModel):
    """What is served, and why it is not newer. While the feature is off, there is only the status."""

    status: Literal["ready", "not ready", "off"] = Field(description="Whether a list can be served.")
    active: ServedVersion | None = Field(default=None, description="The served version; null without one.")
    last_check: Moment | None = Field(default=None, description="When the source last confirmed or sent a valid list.")
    last_error: UpdateProblem | None = Field(default=None, description="Why the last poll failed; null if it did not.")
    last_refused: UpdateProblem | None = Field(default=None, description="The last list that was rejected.")
    not_kept: str | None = Field(default=None, description="Why the list is not cached on disk; null if it is.")
