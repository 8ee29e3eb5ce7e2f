"""The gateway's ``/api/v1``, asked from the command line.

The standard library's client: a person asks once, so there is no pool and nothing is retried
here (the gateway does), and ``sophia`` starts in a fraction of a second.
"""

import http.client
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from cli.address import Address
from cli.failure import Away, Failure
from kit.wire import from_wire

SECONDS: Final = 60.0
_BAD: Final = 400


def get(address: Address, *path: str, seconds: float = SECONDS, **query: str) -> Any:
    """Return what ``GET /api/v1/<path>`` answers.

    Raises:
        Away: nobody answers there.
        Failure: it is no gateway, or it does not answer in time.
        FleetError: what the gateway says went wrong.
    """
    asked = f"?{urlencode(query)}" if query else ""
    return fetch(address, "GET", _path(path) + asked, seconds=seconds)


def post(address: Address, *path: str, body: Any, seconds: float = SECONDS) -> Any:
    """Return what ``POST /api/v1/<path>`` answers to the JSON *body*; raises like ``get``."""
    headers = {"content-type": "application/json", "fleet-budget-ms": str(int(seconds * 1000))}
    return fetch(address, "POST", _path(path), json.dumps(body), headers, seconds=seconds + 2)


def fetch(
    address: Address,
    method: str,
    path: str,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    seconds: float,
) -> Any:
    """Return the parsed JSON that *path* of *address* answers; raises like ``get``."""
    parts = urlsplit(address.url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    sent = {"accept": "application/json", **(headers or {})}
    if address.key is not None:
        sent["authorization"] = f"Bearer {address.key}"
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(method, parts.path + path, body, sent)
        answer = connection.getresponse()
        return _read(address, answer.status, answer.read())
    except TimeoutError as error:
        raise Failure(f"{address.url} did not answer within {seconds:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        raise away(address, error) from error
    finally:
        connection.close()


def away(address: Address, error: Exception) -> Away:
    """Return the failure that nobody answers at *address*."""
    return Away(
        f"no gateway at {address.url} ({error}): start a fleet with `sophia up`, "
        "or name another gateway with --url"
    )


def _path(parts: tuple[str, ...]) -> str:
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def _read(address: Address, status: int, body: bytes) -> Any:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise Failure(f"{address.url} is no gateway: it answered {status}, not JSON") from error
    if status >= _BAD:
        if not isinstance(parsed, dict) or "code" not in parsed:
            raise Failure(f"{address.url} answered {status}")
        raise from_wire({**parsed, "message": parsed.get("detail") or parsed.get("title")})
    return parsed
