"""Every error that Pointsman raises on purpose: one tree, by cause.

    PointsmanError
    ├── InvalidInput            the caller's request cannot be served as it is      2 / 400
    │   ├── BadField            one field of a request is wrong; it is named        2 / 400
    │   ├── NoValue             a sum that has none, such as 1/0                    2 / 400
    │   ├── PictureRefused      a rule of the house: such a picture is not drawn    2 / 400
    │   ├── InputTooLarge       more text than a body, or a model's context, holds  2 / 413
    │   ├── UnknownDecision     no decision has that id                             2 / 404
    │   ├── UnknownCorrection   no correction in effect has that id                 2 / 404
    │   └── UnknownModel        no configured model has that name                   2 / 404
    ├── ConfigError             a file, variable or flag says something impossible  3 / 500
    │   ├── MissingExtra        a feature whose optional packages are not installed 3 / 501
    │   ├── PatternError        a pattern that RE2 cannot run                       3 / 500
    │   └── WorkflowError       a ComfyUI workflow that cannot be used as it is     3 / 500
    ├── ModelFileError          a shipped or fetched model file is absent or wrong  3 / 500
    ├── Unreachable             a service that was needed does not answer           4 / 503
    ├── ServiceFailed           a remote service refused or failed (core/faults.py) 4 / 503
    ├── ModelFailed             a model was asked and broke off                     1 / 502
    │   ├── OutOfMemory         it broke off because the card was full              1 / 503
    │   ├── PictureFailed       the picture server broke off                        1 / 502
    │   └── ToolsUnsupported    the model was given tools, and cannot call any      1 / 502
    ├── ToolFailed              a tool was called and did not do it                 1 / 502
    ├── NoRoom                  the card has no room for it now; says when to retry 1 / 503
    ├── StoreError              the decision store cannot be read or written        1 / 503
    ├── LimitReached            a key, or all callers, asked as much as they may    1 / 429
    └── NotAllowed              the key is missing or wrong                         2 / 401
        ├── ScopeMissing        the key opens other things                          2 / 403
        └── HostNotAllowed      another site's request, and no key to stop it       2 / 403

Each carries what failed (the message), the cure, an exit code and an HTTP status.
"""

from __future__ import annotations


class PointsmanError(Exception):
    """Something failed for a reason that we can name.

    `cure` says in one sentence what to do about it; `exit_code` is what the command line
    returns and `http_status` what the gateway answers.
    """

    exit_code = 1
    http_status = 500
    code = "internal_error"
    cure = ""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        if cure:
            self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  cure: {self.cure}" if self.cure else self.message


class InvalidInput(PointsmanError):
    """The request cannot be served as it is."""

    exit_code = 2
    http_status = 400
    code = "invalid_request"


class BadField(InvalidInput):
    """One field of a request cannot be served; `field` is its path, such as messages.0.role."""

    def __init__(self, field: str, message: str, *, cure: str = "") -> None:
        super().__init__(message, cure=cure)
        self.field = field


class NoValue(InvalidInput):
    """An arithmetic expression is well written and has no value: division by zero, more digits than are kept."""


class PictureRefused(InvalidInput):
    """A picture that is not drawn, or not shown, because a rule of whoever runs this says so."""

    code = "content_policy_violation"


class InputTooLarge(InvalidInput):
    """The request holds more text than a limit or a model's context allows."""

    http_status = 413
    code = "too_large"


class UnknownDecision(InvalidInput):
    """No recorded decision has the given id."""

    http_status = 404
    code = "decision_not_found"


class UnknownCorrection(InvalidInput):
    """No correction that is in effect has the given id, or is of the given decision."""

    http_status = 404
    code = "correction_not_found"


class UnknownModel(InvalidInput):
    """No configured model has the given name."""

    http_status = 404
    code = "model_not_found"


class NotAllowed(PointsmanError):
    """The request carries no key, or a wrong one."""

    exit_code = 2
    http_status = 401
    code = "invalid_api_key"


class ScopeMissing(NotAllowed):
    """The request carries a key that opens other things."""

    http_status = 403
    code = "scope_missing"


class HostNotAllowed(NotAllowed):
    """The request comes from another site, or to a name that one could have pointed here, and no key is set."""

    http_status = 403
    code = "host_not_allowed"


class ConfigError(PointsmanError):
    """A configuration file, environment variable or flag is wrong."""

    exit_code = 3
    code = "config_invalid"


class PatternError(ConfigError):
    """A pattern that RE2 cannot run, or whose examples contradict it."""

    code = "pattern_invalid"


class WorkflowError(ConfigError):
    """A ComfyUI workflow cannot be used: wrong export, a node or a model file that is missing."""

    code = "workflow_invalid"


class MissingExtra(ConfigError):
    """A feature was asked for whose optional packages are not installed."""

    http_status = 501
    code = "missing_extra"

    def __init__(self, extra: str, feature: str) -> None:
        super().__init__(
            f"{feature} needs packages that are not installed",
            cure=f"pip install 'pointsman[{extra}]'",
        )


class ModelFileError(PointsmanError):
    """A model file is absent, damaged, or not the one that the code expects."""

    exit_code = 3
    code = "model_file"


class Unreachable(PointsmanError):
    """A service that was needed does not answer."""

    exit_code = 4
    http_status = 503
    code = "unreachable"


class ModelFailed(PointsmanError):
    """A model was asked and did not finish its answer."""

    http_status = 502
    code = "model_failed"


class OutOfMemory(ModelFailed):
    """A server ran out of the card's memory, while loading or while working."""

    http_status = 503
    code = "out_of_memory"


class PictureFailed(ModelFailed):
    """The picture server was asked and did not finish the picture."""

    code = "picture_failed"


class ToolsUnsupported(ModelFailed):
    """A model was given tools, and it, or its server, cannot call any."""

    code = "tools_unsupported"


class ToolFailed(PointsmanError):
    """A tool was called and did not do what was asked; the model reads the message and the cure.

    `trusted` says that no stranger wrote any of them.
    """

    http_status = 502
    code = "tool_failed"

    def __init__(self, message: str, *, cure: str = "", trusted: bool = True) -> None:
        super().__init__(message, cure=cure)
        self.trusted = trusted


class NoRoom(PointsmanError):
    """The card has no room for what was wanted; `retry_after` says in how many seconds it is worth asking again."""

    http_status = 503
    code = "no_room"

    def __init__(self, message: str, *, cure: str = "", retry_after: float = 30.0) -> None:
        super().__init__(message, cure=cure)
        self.retry_after = retry_after


class LimitReached(PointsmanError):
    """Who asks has asked as much as is allowed; `retry_after` says in how many seconds there is more."""

    http_status = 429
    code = "rate_limit_exceeded"

    def __init__(self, message: str, *, cure: str = "", retry_after: float = 1.0) -> None:
        super().__init__(message, cure=cure)
        self.retry_after = retry_after


class StoreError(PointsmanError):
    """The decision store cannot be read or written."""

    http_status = 503
    code = "store_failed"
