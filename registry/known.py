"""What a registry knows, and the servers and health that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from registry.health import Drain, Track, begin, shown
from registry.leases import Lease
from registry.model import Document, Server, ServerHealth, with_defaults
from registry.prober import Target

_NOTHING = Document(version=2, servers=())


@dataclass(slots=True)
class Known:
    """Everything that goes into a snapshot.

    Attributes:
        environment: What secrets and requirements name.
        tracks: What probes found, by server.
        leased: Leases by server, expired ones too.
        drains: Operators' orders, by server.
        first_seen: When a server first was there.
    """

    environment: Mapping[str, str]
    tracks: Mapping[str, Track]
    leased: dict[str, Lease] = field(default_factory=dict)
    drains: dict[str, Drain] = field(default_factory=dict)
    first_seen: dict[str, datetime] = field(default_factory=dict)
    _document: Document = _NOTHING
    _declared: dict[str, Server] = field(default_factory=dict)
    _names: frozenset[str] = frozenset()

    def use(self, document: Document) -> None:
        """Let *document* be what the file says."""
        self._document = document
        self._declared = {server.name: server for server in document.resolved()}
        self._names = frozenset(server.name for server in document.servers)

    def in_file(self, name: str) -> bool:
        """Whether the file names a server so, even one that is not enabled."""
        return name in self._names

    def servers(self, now: datetime) -> dict[str, Server]:
        """Return the servers there are: the file's, then those whose lease holds."""
        servers = dict(self._declared)
        for name, lease in self.leased.items():
            if name not in self._names and lease.expires_at > now:
                servers[name] = with_defaults(lease.server, self._document.defaults)
        self.first_seen = {name: self.first_seen.get(name, now) for name in servers}
        return servers

    def health(self, server: Server) -> ServerHealth:
        """Return what callers see of *server*, one of those that ``servers`` returned."""
        since = self.first_seen[server.name]
        track = self.tracks.get(server.name) or begin(since)
        drain = self.drains.get(server.name)
        return shown(track.health, self.missing(server), drain, since=since)

    def missing(self, server: Server) -> str:
        """Return which settings *server* lacks, for people; empty when none."""
        needed = (*server.requires, *((server.secret,) if server.secret else ()))
        names = dict.fromkeys(each.removeprefix("env:") for each in needed)
        lacking = [name for name in names if not self.environment.get(name)]
        return f"{', '.join(lacking)} {'are' if len(lacking) > 1 else 'is'} not set" * bool(lacking)

    def target(self, server: Server) -> Target:
        """Return *server* with the token that its secret names."""
        reference = server.secret or ""
        return Target(server, self.environment.get(reference.removeprefix("env:")))
