"""Running requests against the store, one at a time or a batch."""

from dataclasses import dataclass
from typing import Any

from kit.clock import Clock
from services.sandbox.asana import errors, params
from services.sandbox.asana.dispatch import body_of, check, find
from services.sandbox.asana.endpoint import Asked
from services.sandbox.asana.errors import Refused
from services.sandbox.asana.index import SearchIndex
from services.sandbox.asana.limits import Limits
from services.sandbox.asana.store import Store
from services.sandbox.ledger import Ledger

MOST_ACTIONS = 10


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        base_url: The address that was used, for links to the next page.
        token: What was sent.
        oauth: Whether it is an OAuth application's.
    """

    base_url: str
    token: str
    oauth: bool


class Runner:
    """Finds the endpoint, runs it and counts it."""

    def __init__(
        self,
        store: Store,
        index: SearchIndex,
        limits: dict[str, Limits],
        ledger: Ledger,
        clock: Clock,
        *,
        free: bool,
    ) -> None:
        self.store = store
        self._index = index
        self._limits = limits
        self._ledger = ledger
        self._clock = clock
        self._free = free

    def run(
        self, method: str, path: str, query: dict[str, str], data: dict[str, Any], caller: Caller
    ) -> tuple[int, dict[str, Any]]:
        """Return the answer's HTTP status and body.

        Raises:
            Refused: Asana would refuse it.
        """
        found = find(method, path)
        self._ledger.calls[found.endpoint.name] += 1
        check(found.endpoint, query, data)
        asked = Asked(
            store=self.store,
            index=self._index,
            now=self._clock.utc(),
            oauth=caller.oauth,
            free=self._free,
            path=found.path,
            query=query,
            data=data,
        )
        result = found.endpoint.run(asked)
        if found.endpoint.writes:
            self._ledger.writes[found.endpoint.name] += 1
        return found.endpoint.status, body_of(result, asked, found.endpoint, path, caller.base_url)

    def batch(self, data: dict[str, Any], caller: Caller) -> list[dict[str, Any]]:
        """Run up to ten actions, each as if it had come by itself.

        Raises:
            Refused: there are none, or too many.
        """
        actions = data.get("actions")
        if not isinstance(actions, list) or not actions:
            raise errors.missing("actions")
        if len(actions) > MOST_ACTIONS:
            raise errors.wrong("actions", f"At most {MOST_ACTIONS} actions are allowed")
        return [self._action(action, caller) for action in actions]

    def _action(self, action: Any, caller: Caller) -> dict[str, Any]:
        try:
            if not isinstance(action, dict) or not {"method", "relative_path"} <= action.keys():
                raise errors.missing("actions")
            given, options = action.get("data", {}), action.get("options", {})
            if not isinstance(given, dict) or not isinstance(options, dict):
                raise errors.wrong("actions", "data and options must be objects")
            path, method = str(action["relative_path"]), str(action["method"]).upper()
            self._limits[caller.token].spend(search=path.endswith("/tasks/search"))
            fields = params.listed("fields", options.get("fields", []))
            query = {"opt_fields": ",".join(fields)} if fields else {}
            if method == "GET":
                query, given = {**{name: str(each) for name, each in given.items()}, **query}, {}
            status, body = self.run(method, path, query, given, caller)
        except Refused as refused:
            status, body = refused.status, refused.body
        return {"status_code": status, "headers": {}, "body": body}
