"""Linear's own scalars: what is sent for them and what is accepted."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_YEAR_DAYS, _MONTH_DAYS = 365, 30


def bind(schema: GraphQLSchema, now: Callable[[], datetime]) -> None:
    """Give the schema's scalars their meaning; durations count from *now*."""

    def moment_or_duration(value: Any) -> datetime:
        return _after(value, now()) or _moment(value)

    def day_or_duration(value: Any) -> date:
        later = _after(value, now())
        return later.date() if later else _day(value)

    coercions: dict[str, Callable[[Any], Any]] = {
        "DateTime": _moment,
        "TimelessDate": _day,
        "DateTimeOrDuration": moment_or_duration,
        "TimelessDateOrDuration": day_or_duration,
    }
    for name, coerce in coercions.items():
        scalar = schema.get_type(name)
        if isinstance(scalar, GraphQLScalarType):
            scalar.coerce_input_value = coerce
            scalar.coerce_output_value = _sent


def _sent(value: datetime | date) -> str:
    if isinstance(value, datetime):
        stamp = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return stamp.replace("+00:00", "Z")
    return value.isoformat()


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"Value is not a valid DateTime: {value!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(value: Any) -> date:
    return _moment(value).date()


def _after(value: Any, start: datetime) -> datetime | None:
    """Return *start* plus an ISO 8601 duration such as ``-P2W``; none if it is no duration."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    parts = {name: int(number or 0) for name, number in found.groupdict().items() if name != "sign"}
    days = parts.pop("years") * _YEAR_DAYS + parts.pop("months") * _MONTH_DAYS + parts.pop("days")
    length = timedelta(days=days, **parts)
    return start - length if found["sign"] else start + length
