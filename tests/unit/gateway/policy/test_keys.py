"""API keys: looked up by hash, never kept."""

import hashlib

from gateway.policy.keys import LOCAL, Keys

ENTRY = "ann:" + hashlib.sha256(b"open sesame").hexdigest()


def test_without_keys_everybody_is_the_local_user() -> None:
    assert Keys(()).principal(None) == LOCAL


def test_a_key_names_its_bearer_and_nothing_else_does() -> None:
    keys = Keys([ENTRY])
    assert keys.principal("Bearer open sesame") == "ann"
    assert keys.principal("bearer open sesame") == "ann"
    for wrong in (None, "", "Bearer", "Bearer x", "Basic open sesame", "open sesame"):
        assert keys.principal(wrong) is None
