"""Resources, prompts and completion of one server, and of all servers as one."""

from typing import Any, Final

from gateway import rewriting
from gateway.about import UNKNOWN
from gateway.attempt.ask import Caller
from gateway.entries import Entries
from gateway.fleet import Fleet
from gateway.listing import Kind
from gateway.notices import Notice, Notices
from gateway.offers import Offers, offers
from gateway.relay import Passed, relay
from gateway.routing.table import home
from gateway.standing import Subscriptions
from kit.errors import Invalid, NotFound

Json = dict[str, Any]
READ: Final = "resources/read"
PROMPT: Final = "prompts/get"
COMPLETE: Final = "completion/complete"
_NO_VALUES: Final[Json] = {"completion": {"values": [], "total": 0, "hasMore": False}}


class OneServer:
    """One server as it is.

    Args:
        fleet: The live view.
        server: The server's name.
    """

    def __init__(self, fleet: Fleet, server: str) -> None:
        self._fleet = fleet
        self._server = server

    @property
    def notices(self) -> Notices:
        """What has changed, of all servers."""
        return self._fleet.notices

    @property
    def subscriptions(self) -> Subscriptions:
        """What servers are asked to tell."""
        return self._fleet.subscriptions

    def alive(self) -> bool:
        """Say whether there is still something to be told of."""
        return self._fleet.table.snapshot.server(self._server) is not None

    def entries(self, kind: Kind) -> Entries:
        """Return its list of *kind*; the last good one while it is away."""
        return offers(self._fleet.table).of(self._server, kind)

    def capabilities(self) -> Json:
        """Return what it declares."""
        return offers(self._fleet.table).capabilities(self._server)

    def problems(self, kind: Kind) -> dict[str, str]:
        """Return why its list of *kind* may be out of date; empty when it is not."""
        return _problems(self._fleet, [self._server], kind)

    async def request(self, method: str, params: Json, caller: Caller) -> Json:
        """Return its answer to ``resources/read``, ``prompts/get`` or ``completion/complete``.

        Raises:
            FleetError: nobody could be asked, or *params* cannot be.
            RpcError: the server's own JSON-RPC error.
        """
        _named(method, params)
        return await _passed(self._fleet, self._server, method, params, caller)

    def locate(self, uri: str) -> tuple[str, str] | None:
        """Return whose resource *uri* is, and what it is called there."""
        return self._server, uri

    def shown(self, notice: Notice) -> str | None:
        """Return the URI here that *notice* is about, empty for a list; None: not for here."""
        return notice.uri if notice.server == self._server else None


class AllServers:
    """All servers as one: prompts prefixed, URIs without collision.

    Args:
        fleet: The live view.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    @property
    def _offers(self) -> Offers:
        return offers(self._fleet.table)

    @property
    def notices(self) -> Notices:
        """What has changed, of all servers."""
        return self._fleet.notices

    @property
    def subscriptions(self) -> Subscriptions:
        """What servers are asked to tell."""
        return self._fleet.subscriptions

    def alive(self) -> bool:
        """Say whether there is still something to be told of."""
        return True

    def entries(self, kind: Kind) -> Entries:
        """Return the list of *kind* over all servers, in the registry's order."""
        return self._offers.merged(kind)

    def capabilities(self) -> Json:
        """Return what any server declares."""
        return {"tools": {"listChanged": True}, **self._offers.capabilities()}

    def problems(self, kind: Kind) -> dict[str, str]:
        """Return by server why its part of the list may be out of date."""
        return _problems(self._fleet, self._fleet.catalogues, kind)

    async def request(self, method: str, params: Json, caller: Caller) -> Json:
        """Return the owner's answer to a request for a resource, prompt or completion.

        Raises:
            FleetError: nobody could be asked, or *params* cannot be.
            RpcError: the server's own JSON-RPC error.
        """
        _named(method, params)
        table = self._fleet.table
        match method:
            case "resources/read":
                owner, own = self._owner(params["uri"])
                params = {**params, "uri": own}
            case "prompts/get":
                owner, own = self._prompt(params["name"])
                params = {**params, "name": own}
            case _:
                owner, reference = self._reference(params["ref"])
                params = {**params, "ref": reference}
                about = table.catalogues[owner].about if owner in table.catalogues else UNKNOWN
                if "completions" not in about.capabilities:
                    return _NO_VALUES
        result = await _passed(self._fleet, owner, method, params, caller)
        return self.renamed(method, owner, result)

    def renamed(self, method: str, server: str, result: Json) -> Json:
        """Return *result* of *server* with its resources under the URIs that lead here."""
        known = self._fleet.table.snapshot.server(server)
        owner = home(known) if known else server
        uris = self._fleet.table.uris

        def rename(uri: str) -> str:
            return uris.exposed(owner, uri)

        match method:
            case "tools/call":
                return rewriting.call_result(result, rename)
            case "resources/read":
                return rewriting.read_result(result, rename)
            case "prompts/get":
                return rewriting.prompt_result(result, rename)
            case _:
                return result

    def locate(self, uri: str) -> tuple[str, str] | None:
        """Return whose resource *uri* is, and what it is called there."""
        return self._fleet.table.uris.resolve(uri)

    def shown(self, notice: Notice) -> str | None:
        """Return the URI here that *notice* is about; empty for a list."""
        return self._fleet.table.uris.exposed(notice.server, notice.uri) if notice.uri else ""

    def _owner(self, uri: str) -> tuple[str, str]:
        found = self._fleet.table.uris.resolve(uri)
        if found is None:
            raise NotFound(f"Resource not found: {uri}")
        return found

    def _prompt(self, name: str) -> tuple[str, str]:
        found = self._fleet.table.prompts.get(name)
        if found is None:
            raise NotFound(f"there is no prompt {name!r}")
        return found.server, found.own

    def _reference(self, reference: Json) -> tuple[str, Json]:
        if reference.get("type") == "ref/prompt":
            server, own = self._prompt(reference["name"])
            return server, {**reference, "name": own}
        uris = self._fleet.table.uris
        text = reference["uri"]
        found = uris.resolve_template(text) or uris.resolve(text)
        if found is None:
            raise NotFound(f"there is no resource template {text!r}")
        return found[0], {**reference, "uri": found[1]}


def _problems(fleet: Fleet, servers: Any, kind: Kind) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in servers:
        catalogue = fleet.table.catalogues.get(name)
        if catalogue is None:
            found[name] = "it has not been asked yet"
            continue
        problem = catalogue.listing(kind).problem
        if catalogue.about is UNKNOWN:  # what it has is not known, so it may have such a list
            problem = problem or catalogue.problem
        if problem:
            found[name] = problem
    return found


def _named(method: str, params: Json) -> None:
    """Refuse *params* that do not name what is asked for.

    Raises:
        Invalid: naming the parameter.
    """
    match method:
        case "resources/read":
            _string(params, "uri", "uri")
        case "prompts/get":
            _string(params, "name", "name")
        case _:
            reference = params.get("ref")
            kind = reference.get("type") if isinstance(reference, dict) else None
            if not isinstance(reference, dict) or kind not in {"ref/prompt", "ref/resource"}:
                raise Invalid("ref must have the type ref/prompt or ref/resource", field="ref")
            key = "name" if kind == "ref/prompt" else "uri"
            _string(reference, key, f"ref.{key}")


def _string(held: Json, key: str, field: str) -> None:
    if not isinstance(held.get(key), str):
        raise Invalid(f"{field} must be a string", field=field)


async def _passed(fleet: Fleet, server: str, method: str, params: Json, caller: Caller) -> Json:
    return await relay(
        Passed(server, "", params, method),
        caller,
        table=fleet.table,
        peers=fleet.peers,
        refusal=fleet.refusal,
    )
