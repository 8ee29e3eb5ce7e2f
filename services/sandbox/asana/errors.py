"""Asana's errors: a status and ``{"errors": [{"message", "help"}]}``."""

HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)


class Refused(Exception):
    """Asana says no.

    Attributes:
        status: HTTP status.
        message: What went wrong, in Asana's words.
        retry_after_seconds: For 429.
    """

    def __init__(self, status: int, message: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after_seconds = retry_after_seconds

    @property
    def body(self) -> dict[str, list[dict[str, str]]]:
        """Return the answer's body."""
        error = {"message": self.message, "help": HELP}
        if self.status == 500:  # noqa: PLR2004 -- only these have a phrase, says the specification
            error["phrase"] = "6 sad squid snuggle softly"
        return {"errors": [error]}

    @property
    def headers(self) -> dict[str, str]:
        """Return the answer's headers."""
        wait = self.retry_after_seconds
        return {} if wait is None else {"Retry-After": str(wait)}


def unauthorized() -> Refused:
    """Return the answer to a wrong or missing token."""
    return Refused(401, "Not Authorized")


def payment_required() -> Refused:
    """Return the answer of a free plan to what only others have."""
    return Refused(402, "Payment Required")


def too_many(retry_after_seconds: int) -> Refused:
    """Return the answer to a spent rate limit."""
    message = "You have made too many requests recently. Please, be chill."
    return Refused(429, message, retry_after_seconds)


def unknown(kind: str, gid: str) -> Refused:
    """Return the answer to a path with a gid that no *kind* has."""
    return Refused(404, f"{kind}: Unknown object: {gid}")


def unrecognized(field: str, value: object) -> Refused:
    """Return the answer to a parameter that names nothing."""
    return Refused(400, f"{field}: Not a recognized ID: {value}")


def missing(field: str) -> Refused:
    """Return the answer to the lack of what must be given."""
    return Refused(400, f"{field}: Missing input")


def wrong(field: str, why: str) -> Refused:
    """Return the answer to a value that does not fit."""
    return Refused(400, f"{field}: {why}")
