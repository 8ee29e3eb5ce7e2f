"""What clients send in queries and bodies, read strictly."""

from datetime import UTC, date, datetime

from services.sandbox.asana import errors

_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def boolean(name: str, value: object) -> bool:
    """Return a flag; in a query any case will do."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    raise errors.wrong(name, f"Not a boolean: {value}")


def whole(name: str, value: str, low: int, high: int) -> int:
    """Return a whole number between *low* and *high*."""
    if not value.isdecimal() or not low <= int(value) <= high:
        raise errors.wrong(name, f"Must be between {low} and {high}, inclusive: {value}")
    return int(value)


def moment(name: str, value: object) -> datetime:
    """Return a time; one without an offset is in UTC."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        raise errors.wrong(name, f"Not a valid date-time: {value}") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day(name: str, value: object) -> date:
    """Return a date without a time."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise errors.wrong(name, f"Not a valid date: {value}") from None


def text(name: str, value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise errors.wrong(name, f"Not a string: {value}")
    return value


def listed(name: str, value: object) -> list[str]:
    """Return a list of texts; in a query they are separated by commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return value
    raise errors.wrong(name, f"Not an array: {value}")
