"""What goes wrong with a request: a status, a code for programs and a sentence for people."""

from __future__ import annotations

from typing import Any

#: HTTP status of each code that a job can fail with; what is not listed is the client's to change (422).
STATUS = {
    **{"internal": 500, "worker_died": 500, "disk_full": 507, "memory": 507, "time": 504, "not_ready": 503},
    **{"cancelled": 409, "not_found": 404, "queue_full": 429, "too_large": 413, "restarted": 503},
}


class ProblemError(Exception):
    """A request that cannot be carried out.

    Attributes:
        status: of HTTP. code: for programs. message: for people. headers: of the answer.
    """

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})
        if status in (408, 413):  # the rest of the body is not wanted
            self.headers.setdefault("Connection", "close")

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON: also that of OpenAI's protocol."""
        kind = "invalid_request_error" if self.status < 500 else "server_error"
        return {"error": {"code": self.code, "message": self.message, "type": kind, "param": None}}


def not_found(what: str) -> ProblemError:
    """There is none of that name."""
    return ProblemError(404, "not_found", f"there is no such {what}; it may have been deleted or forgotten")


def failed(error: dict[str, str]) -> ProblemError:
    """A job's failure as the answer of the request that waited for it."""
    return ProblemError(STATUS.get(error["code"], 422), error["code"], error["message"])
