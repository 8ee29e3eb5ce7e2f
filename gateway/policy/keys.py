"""Who calls: a principal by API key, or the machine's own user when no keys are set."""

import hashlib
from collections.abc import Sequence

LOCAL = "local"


class Keys:
    """Looks callers up by the hash of their key.

    Args:
        entries: ``name:sha256`` each; none: everybody is ``local``.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._names = {
            digest: name for name, _, digest in (entry.partition(":") for entry in entries)
        }

    def principal(self, authorization: str | None) -> str | None:
        """Return who the bearer of *authorization* is; None when unknown."""
        if not self._names:
            return LOCAL
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            return None
        return self._names.get(hashlib.sha256(key.strip().encode()).hexdigest())
