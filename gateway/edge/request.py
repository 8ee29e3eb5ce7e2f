"""One request, with all that its answer may need."""

from dataclasses import dataclass, replace

from gateway.attempt.ask import Caller
from gateway.edge.asking import Asking, capabilities
from gateway.edge.era import Era
from gateway.edge.exchange import Exchange
from gateway.edge.jsonrpc import Json, Message
from gateway.edge.levels import DEFAULT, META_LOG_LEVEL, at_least
from gateway.edge.seal import Seal
from gateway.edge.streams import Streams
from gateway.surface import Surface
from gateway.upstream.client import META_CAPABILITIES, META_CLIENT, META_VERSION
from kit.deadline import META_BUDGET, Deadline

_MAX_SECONDS = 600.0
_OWN = frozenset({META_VERSION, META_BUDGET, META_LOG_LEVEL})
_OF_THE_CLIENT = frozenset({META_CAPABILITIES, META_CLIENT})
_OF_A_REPEAT = frozenset({"inputResponses", "requestState"})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, by whom, and how the answer gets back.

    Attributes:
        message: The JSON-RPC request.
        era: The client's.
        surface: What is asked.
        call_seconds: How long it may take, if it does not say.
        exchange: How the answer goes back; notifications may go before it.
        session: The legacy client's session, if it has one.
        streams: What legacy sessions asked to hear.
        asking: Puts a server's questions to the legacy client.
        principal: Who asks.
        seal: Seals the states that servers give to modern clients.
        abilities: What the legacy client can be asked.
    """

    message: Message
    era: Era
    surface: Surface
    call_seconds: float
    exchange: Exchange
    session: str | None
    streams: Streams
    asking: Asking
    principal: str
    seal: Seal
    abilities: str = ""

    def caller(self) -> Caller:
        """Return who waits for the answer of a server."""
        given = self.message.meta
        meta = {key: value for key, value in given.items() if key not in _OWN}
        wanted = given.get(META_LOG_LEVEL)
        if not self.era.modern:  # what a legacy client said of itself is not in the request
            meta = {key: value for key, value in meta.items() if key not in _OF_THE_CLIENT}
            meta[META_CAPABILITIES] = capabilities(self.abilities)
            wanted = self.streams.level(self.session) or DEFAULT
        if wanted is not None:
            meta[META_LOG_LEVEL] = wanted
        notify = at_least(wanted, self.exchange.notify)
        headers = self.exchange.headers if self.era.modern else None
        return Caller(Deadline.after(self._budget()), meta, notify, headers)

    async def repeated(self, required: Json, round_: int) -> "Request":
        """Return the request to make after the client has answered what the server asked.

        Raises:
            FleetError: the client cannot be asked, refused, or did not answer.
        """
        given = await self.asking.settled(self.exchange, self.session, required, round_)
        kept = {k: v for k, v in self.message.params.items() if k not in _OF_A_REPEAT}
        return replace(self, message=replace(self.message, params={**kept, **given}))

    def opened(self) -> "Request":
        """Return the request with the server's own state in place of the sealed one.

        Raises:
            Refused: the state is not this request's.
        """
        if "requestState" not in self.message.params:
            return self
        params = self.seal.unwrap(*self._bound())
        return replace(self, message=replace(self.message, params=params))

    def sealed(self, result: Json) -> Json:
        """Return an ``input_required`` result as the client gets it."""
        return self.seal.wrap(result, *self._bound())

    def _bound(self) -> tuple[str, str, str, Json]:
        """Return what a state is bound to."""
        return self.principal, self.exchange.path, self.message.method, self.message.params

    def _budget(self) -> float:
        """Return the seconds that the caller gives: what it says, else the setting."""
        left = self.message.meta.get(META_BUDGET)
        if isinstance(left, int | float) and not isinstance(left, bool) and left > 0:
            return min(left / 1000, _MAX_SECONDS)
        return self.call_seconds
