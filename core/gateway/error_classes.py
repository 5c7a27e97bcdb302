"""One table from every way a provider can fail to what is done about it.

`retry`: the same model may answer next time. `fallback`: this model will not, another may. `stop`: no model of this
account will, so a person must act. Errors are read by shape (status, headers, code, text), so that this module needs
no provider library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from config.errors import ConfigError, NexusError, ProviderError
from core.gateway.backoff import read_retry_after
from core.text.redaction import redact, strip_escapes

Handling = Literal["retry", "fallback", "stop"]
Kind = Literal[
    "timeout",
    "rate_limited",
    "overloaded",
    "server_error",
    "connection",
    "cut",
    "garbage",
    "context_too_long",
    "model_not_found",
    "endless",
    "breaker_open",
    "window_full",
    "authentication",
    "no_credit",
    "content_policy",
    "bad_request",
    "no_recording",
]

HANDLING: dict[Kind, Handling] = {
    "timeout": "retry",
    "rate_limited": "retry",
    "overloaded": "retry",
    "server_error": "retry",
    "connection": "retry",
    "cut": "retry",
    "garbage": "retry",
    "context_too_long": "fallback",
    "model_not_found": "fallback",
    "endless": "fallback",
    "breaker_open": "fallback",
    "window_full": "fallback",
    "authentication": "stop",
    "no_credit": "stop",
    "content_policy": "stop",
    "bad_request": "stop",
    "no_recording": "stop",
}

_UNHEALTHY: frozenset[Kind] = frozenset({"timeout", "overloaded", "server_error", "connection", "cut", "garbage"})

# Raised before anything is sent, when no answer came with them.
_LOCAL: frozenset[Kind] = frozenset({"model_not_found", "authentication", "bad_request", "no_recording"})

_STATUS: dict[int, Kind] = {
    401: "authentication",
    402: "no_credit",
    403: "authentication",
    404: "model_not_found",
    408: "timeout",
    409: "server_error",
    413: "context_too_long",
    425: "server_error",
    429: "rate_limited",
    503: "overloaded",
    529: "overloaded",
}

# Codes and phrases that say more than the status does; first match wins.
_WORDS: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(
            r"insufficient[_ ]quota|exceeded your current quota|credit balance|enforced_spend_limit|billing"
            r"|insufficient (?:credit|balance|funds)|payment required",
            re.I,
        ),
        "no_credit",
    ),
    (
        re.compile(
            r"context_length_exceeded|maximum context length|context window|prompt is too long|too many input tokens"
            r"|input token count .* exceeds",
            re.I,
        ),
        "context_too_long",
    ),
    (
        re.compile(r"content_policy|content_filter|content management policy|safety system|ResponsibleAI", re.I),
        "content_policy",
    ),
    (
        re.compile(r"model_not_found|does not exist|not_found_error|unknown model|model .{0,80}not found", re.I),
        "model_not_found",
    ),
    (re.compile(r"recording has no answer", re.I), "no_recording"),
)

_SENTENCES: dict[Kind, tuple[str, str]] = {
    "timeout": ("{model} did not answer in time.", "Try again later, or raise models.call_timeout_s."),
    "rate_limited": (
        "{model} refused because of its rate limit.",
        "Wait, lower models.requests_per_minute, or choose another model with -m.",
    ),
    "overloaded": ("{model} is overloaded.", "Try again later, or choose another model with -m."),
    "server_error": ("{model} failed with a server error.", "Try again later, or choose another model with -m."),
    "connection": (
        "{model} could not be reached.",
        "Check the network, the proxy settings and models.base_url.",
    ),
    "cut": ("The answer of {model} was cut off on the way.", "Try again; a proxy may be closing long answers."),
    "garbage": (
        "{model} sent something that is not a model answer.",
        "Check models.base_url; a sign-in page or a proxy may be answering in its place.",
    ),
    "context_too_long": (
        "The prompt is longer than {model} accepts.",
        "Lower context.file_tokens, or choose a model with a larger context with -m.",
    ),
    "model_not_found": ("The provider does not know the model {model}.", "Check the name given with -m or --profile."),
    "endless": (
        "{model} went on writing far beyond the length it was allowed, so it was cut off.",
        "Choose another model with -m, or raise models.max_output_tokens.",
    ),
    "breaker_open": ("{model} failed too often and is left alone for a while.", "Try again later, or choose -m."),
    "window_full": (
        "{model} has no room left in this minute's limit of requests or tokens.",
        "Raise models.requests_per_minute or models.tokens_per_minute, or raise models.call_timeout_s.",
    ),
    "authentication": ("The provider refused the key for {model}.", "Set or correct {keys}."),
    "no_credit": (
        "The account for {model} has no credit or quota left.",
        "Add credit at the provider, or choose another provider with --profile.",
    ),
    "content_policy": ("{model} refused the request for its content policy.", "Rephrase the task."),
    "bad_request": ("{model} refused the request as malformed.", "Choose another model with -m; details above."),
    "no_recording": ("The recorded session does not cover this request.", "Run it with a real provider."),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt."""

    kind: Kind
    model: str
    detail: str = ""
    status: int = 0
    retry_after_s: float | None = None
    may_be_billed: bool = False

    @property
    def handling(self) -> Handling:
        return HANDLING[self.kind]

    @property
    def unhealthy(self) -> bool:
        """It counts against the model's circuit breaker."""
        return self.kind in _UNHEALTHY

    def sentence(self) -> str:
        text = _SENTENCES[self.kind][0].format(model=self.model)
        return f"{text[:-1]} ({self.status})." if self.status else text


class AttemptFailed(Exception):
    """Carries a failure from the place that saw it to the chain that handles it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence())
        self.failure = failure


def classify(error: BaseException, model: str, now: float, *, answering: bool) -> Failure:
    """Read a provider library's error. `answering`: the provider had begun to answer."""
    status = _int(getattr(error, "status_code", 0))
    headers = _headers(error)
    words = f"{getattr(error, 'code', '') or ''} {error}"
    detail = _first_line(str(error))
    if headers is None:
        kind = _without_answer(error, words, answering)
        never_sent = _refused(error) or kind in _LOCAL
        return Failure(kind, model, detail, may_be_billed=answering or not never_sent)
    kind = _kind(status, words)
    retry_after = read_retry_after(headers.get("retry-after", ""), now) if "retry-after" in headers else None
    return Failure(kind, model, detail, status, retry_after, may_be_billed=answering)


def to_error(failure: Failure, attempts: int, keys: tuple[str, ...], wait_s: float = 0.0) -> NexusError:
    """What the person reads when no model of the chain answered; `wait_s`: the wait that did not fit the deadline."""
    sentence, remedy = failure.sentence(), _SENTENCES[failure.kind][1]
    if attempts > 1 and failure.handling == "retry":
        sentence = f"{sentence[:-1]} after {attempts} attempts."
    if wait_s >= 1:
        sentence = f"{sentence[:-1]}; the next attempt is due in {wait_s:.0f} s, after this call's deadline."
    if failure.detail and failure.kind in {"bad_request", "server_error", "no_recording"}:
        sentence = f"{sentence[:-1]}: {failure.detail.rstrip('.')}."
    wrong_name = failure.kind == "model_not_found"
    error = ConfigError if wrong_name else ProviderError
    return error(sentence, remedy.format(keys=" or ".join(keys) or "the key", model=failure.model))


def _without_answer(error: BaseException, words: str, answering: bool) -> Kind:
    """No HTTP status came back: the library's status is invented."""
    names = {kind.__name__ for kind in type(error).__mro__}
    for pattern, kind in _WORDS:
        if pattern.search(words):
            return kind
    if isinstance(error, TimeoutError) or names & {"Timeout", "APITimeoutError"}:
        return "timeout"
    if "AuthenticationError" in names:
        return "authentication"
    if names & {"BadRequestError", "UnsupportedParamsError", "UnprocessableEntityError"}:
        return "bad_request"
    if "NotFoundError" in names:
        return "model_not_found"
    if re.search(r"codec can't decode|JSON|Expecting value|Unable to parse|invalid response", words, re.I):
        return "garbage"
    return "cut" if answering else "connection"


def _kind(status: int, words: str) -> Kind:
    if status < 500:
        for pattern, kind in _WORDS:
            if pattern.search(words):
                return kind
    if status in _STATUS:
        return _STATUS[status]
    return "server_error" if status >= 500 else "bad_request"


def _refused(error: BaseException) -> bool:
    """The connection was never made, so nothing was sent. A reset also happens to requests that arrived."""
    names = {"ClientConnectorError", "ConnectionRefusedError", "gaierror", "ConnectTimeout"}
    return any({kind.__name__ for kind in type(link).__mro__} & names for link in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _headers(error: BaseException) -> Mapping[str, str] | None:
    """Headers of the provider's answer; None when there was none."""
    for source in (
        getattr(error, "litellm_response_headers", None),
        getattr(getattr(error, "response", None), "headers", None),
    ):
        if source:
            return {str(name).lower(): str(value) for name, value in source.items()}
    return None


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _first_line(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else ""
    line = re.sub(r"^(?:litellm\.)?(?:\w+Error: )+", "", line)
    return strip_escapes(redact(re.sub(r"^\w+Exception - ", "", line)))[:300]
