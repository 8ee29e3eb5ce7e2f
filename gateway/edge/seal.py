"""``requestState`` as clients get it: sealed to who asked what, for a while, once.

A modern server's state passes through the client (2026-07-28, MRTR), and several callers
share the gateway's one credential at that server, so the server cannot tell them apart. The
gateway wraps it: principal, method, target and arguments, expiry and a number that is good
once, under an HMAC. The wrapping hides nothing; it changes nothing unseen.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.edge.jsonrpc import INVALID_PARAMS, Refused
from kit.clock import Clock

Json = dict[str, Any]
_USED: Final = 50_000
_REPEAT: Final = frozenset({"inputResponses", "requestState", "_meta"})


class Seal:
    """Wraps and unwraps states.

    Args:
        seconds: How long a state is good.
        clock: Time of day.
        key: Secret of the seal; another gateway with the same key opens its states too, but
            knows only its own as used.
    """

    def __init__(self, seconds: float, clock: Clock, key: bytes | None = None) -> None:
        self._seconds = seconds
        self._clock = clock
        self._key = key or secrets.token_bytes(32)
        self._used: OrderedDict[str, None] = OrderedDict()

    def wrap(self, result: Json, principal: str, path: str, method: str, params: Json) -> Json:
        """Return an ``input_required`` result with its state sealed, if it has one."""
        if "requestState" not in result:
            return result
        body = orjson.dumps(
            {
                "s": result["requestState"],
                "n": secrets.token_urlsafe(9),
                "e": self._clock.utc().timestamp() + self._seconds,
            }
        )
        seal = self._mac(body, principal, path, method, params)
        text = base64.urlsafe_b64encode(seal + body).decode()
        return {**result, "requestState": text}

    def unwrap(self, principal: str, path: str, method: str, params: Json) -> Json:
        """Return *params* with the server's own state in place of the sealed one.

        Raises:
            Refused: the state was changed, is another's, of another request, old or used.
        """
        state = params.get("requestState")
        if state is None:
            return params
        refused = Refused(INVALID_PARAMS, "requestState is not one that this request was given")
        try:
            text = str(state).encode()
            raw = base64.b64decode(text, altchars=b"-_", validate=True)
            seal, body = raw[:32], raw[32:]
            whole = hmac.compare_digest(seal, self._mac(body, principal, path, method, params))
            whole = whole and base64.urlsafe_b64encode(raw) == text  # one spelling only
            held = orjson.loads(body) if whole else None
        except (binascii.Error, ValueError) as error:
            raise refused from error
        if held is None:
            raise refused
        if held["e"] < self._clock.utc().timestamp():
            raise Refused(INVALID_PARAMS, "requestState has expired: make the request anew")
        if held["n"] in self._used:
            raise Refused(INVALID_PARAMS, "requestState was used already")
        self._used[held["n"]] = None
        if len(self._used) > _USED:
            self._used.popitem(last=False)
        return {**params, "requestState": held["s"]}

    def _mac(
        self, body: bytes, principal: str, path: str, method: str, params: Mapping[str, Any]
    ) -> bytes:
        asked = {key: value for key, value in params.items() if key not in _REPEAT}
        about = orjson.dumps([principal, path, method, asked], option=orjson.OPT_SORT_KEYS)
        return hmac.digest(self._key, hashlib.sha256(about).digest() + body, hashlib.sha256)
