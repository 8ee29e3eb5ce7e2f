from gateway.upstream.stdio.process import Command

HAS = {"PATH": "/bin", "HOME": "/root", "SECRET": "sandbox", "TOKEN": "sandbox-token"}


def test_a_child_sees_what_everyone_may_and_what_is_named() -> None:
    assert Command(("x",)).environment(HAS) == {"PATH": "/bin", "HOME": "/root"}
    named = Command(("x",), ("TOKEN", "NOT_SET")).environment(HAS)
    assert named == {"PATH": "/bin", "HOME": "/root", "TOKEN": "sandbox-token"}
