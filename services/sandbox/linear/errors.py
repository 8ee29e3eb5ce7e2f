"""Linear's errors, worded as Linear words them.

Seen in public reports of the live API (2025 and 2026): the extensions of a missing entity, of
a taken id, of a rejected key, of a query over the complexity limit and of a spent rate limit.
"""

from typing import Any

from graphql import GraphQLError


def _error(
    message: str, code: str, kind: str, status: int, presentable: str, **more: Any
) -> GraphQLError:
    extensions = {
        "type": kind,
        "code": code,
        "statusCode": status,
        "userError": True,
        "userPresentableMessage": presentable,
        **more,
    }
    return GraphQLError(message, extensions=extensions)


def not_found(kind: str) -> GraphQLError:
    """Return the answer to an id that no *kind* has; it comes with HTTP 200."""
    return _error(
        f"Entity not found: {kind}",
        "INPUT_ERROR",
        "invalid input",
        400,
        f"Could not find referenced {kind}.",
    )


def conflict(kind: str, entity_id: str) -> GraphQLError:
    """Return the answer to a create whose id exists; it comes with HTTP 200."""
    return _error(
        f"conflict on insert of {kind}",
        "INPUT_ERROR",
        "invalid input",
        400,
        f"Entity {kind} with id {entity_id} already exists.",
    )


def invalid(message: str) -> GraphQLError:
    """Return the answer to an argument that the resolver refuses."""
    return _error("Argument Validation Error", "INVALID_INPUT", "invalid input", 400, message)


def unauthenticated() -> GraphQLError:
    """Return the answer to a wrong or missing key; it comes with HTTP 401."""
    return _error(
        "Authentication required, not authenticated",
        "AUTHENTICATION_ERROR",
        "authentication error",
        401,
        "You need to authenticate to access this operation.",
        http={"status": 401},
    )


def too_complex(points: float, limit: int) -> GraphQLError:
    """Return the answer to one query over the limit; it comes with HTTP 400."""
    return _error(
        "Query too complex",
        "INPUT_ERROR",
        "invalid input",
        400,
        f"The query is too complex. Complexity: {points}. Maximum allowed complexity: {limit}.",
        http={"status": 400},
    )


def rate_limited(what: str, limit: int, period: str = "hour") -> GraphQLError:
    """Return the answer to a spent budget; it comes with HTTP 400, not 429."""
    message = f"Rate limit exceeded. Only {limit} {what} are allowed per 1 {period}."
    return _error(
        message,
        "RATELIMITED",
        "ratelimited",
        429,
        message,
        http={"status": 400},
    )


def internal() -> GraphQLError:
    """Return the answer to a fault on Linear's side; it comes with HTTP 500."""
    return _error(
        "Internal server error",
        "INTERNAL_SERVER_ERROR",
        "internal error",
        500,
        "Something went wrong. Try again later.",
        http={"status": 500},
        userError=False,
    )


def refused(error: GraphQLError, code: str) -> GraphQLError:
    """Return *error* of the parser or validator with Linear's extensions."""
    error.extensions = {
        "type": "graphql error",
        "code": code,
        "statusCode": 400,
        "userError": True,
        "http": {"status": 400},
    }
    return error
