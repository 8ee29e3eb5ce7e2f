"""The sandbox's own routes, and what holds only with real connections."""

import asyncio

import httpx2
import pytest

from tests.support.sandbox import RunningSandbox, sandbox


def test_the_index_says_where_the_vendors_are(vendors: RunningSandbox) -> None:
    found = httpx2.get(vendors.url, timeout=5).json()
    assert found == {
        "vendors": {
            "asana": {
                "base_url": f"{vendors.url}/asana/api/1.0",
                "token": "sandbox-asana-token",
                "oauth_token": "sandbox-asana-oauth-token",
            },
            "linear": {
                "base_url": f"{vendors.url}/linear/graphql",
                "token": "lin_api_sandbox-linear-token",
                "oauth_token": "sandbox-linear-oauth-token",
            },
        }
    }


def test_the_addresses_are_those_that_the_caller_used() -> None:
    with sandbox(hosts=("sandbox",)) as running:
        found = httpx2.get(running.url, headers={"Host": "sandbox:9200"}, timeout=5).json()
        assert found["vendors"]["asana"]["base_url"] == "http://sandbox:9200/asana/api/1.0"


@pytest.mark.parametrize("host", ["evil.example", "sandbox", "127.0.0.1.evil.example", "[::1"])
@pytest.mark.parametrize("path", ["/", "/_sandbox/state", "/asana/api/1.0/users/me"])
def test_a_name_that_is_not_ours_is_refused(host: str, path: str, vendors: RunningSandbox) -> None:
    refused = httpx2.get(f"{vendors.url}{path}", headers={"Host": host}, timeout=5)
    assert refused.status_code == 403


def test_beyond_loopback_every_name_is_served_unless_some_are_given() -> None:
    with sandbox(host="0.0.0.0") as running:  # noqa: S104 -- what the setting says; it listens on loopback
        assert httpx2.get(running.url, headers={"Host": "sandbox"}, timeout=5).is_success


def test_a_reset_undoes_what_was_written(vendors: RunningSandbox) -> None:
    headers = {"Authorization": f"Bearer {vendors.asana_token}"}
    with httpx2.Client(base_url=vendors.asana_url, headers=headers, timeout=5) as asana:
        (workspace,) = asana.get("/workspaces").json()["data"]
        before = vendors.state("asana")["objects"]
        data = {"name": "x", "workspace": workspace["gid"]}
        made = asana.post("/tasks", json={"data": data}).json()["data"]
        assert vendors.writes("asana", "POST /tasks") == 1
        vendors.fault("asana", "error_500")
        vendors.reset()
        assert asana.get(f"/tasks/{made['gid']}").status_code == 404
    state = vendors.state("asana")
    assert state["objects"] == before
    assert state["writes"] == {}
    assert vendors.faults() == []


def names(running: RunningSandbox, asana_token: str) -> list[str]:
    """Return the names of the CEO's tasks."""
    headers = {"Authorization": f"Bearer {asana_token}"}
    with httpx2.Client(base_url=running.asana_url, headers=headers, timeout=5) as asana:
        workspace = asana.get("/workspaces").json()["data"][0]["gid"]
        asked = {"assignee": "oscar.delgado@example.com", "workspace": workspace}
        return [each["name"] for each in asana.get("/tasks", params=asked).json()["data"]]


def test_settings_choose_the_tokens_and_the_company(vendors: RunningSandbox) -> None:
    chosen = {
        "asana_token": "one",
        "asana_oauth_token": "two",
        "linear_token": "lin_api_three",
        "linear_oauth_token": "four",
    }
    with sandbox(None, seed=7, **chosen) as running:
        assert {name: getattr(running, name) for name in chosen} == chosen
        assert names(running, "one") == names(running, "two") != names(vendors, vendors.asana_token)
        for token in ("lin_api_three", "Bearer four"):
            answer = httpx2.post(
                running.linear_url,
                json={"query": "{ viewer { id } }"},
                headers={"Authorization": token},
            )
            assert answer.status_code == 200


def test_health_and_metrics_are_there(vendors: RunningSandbox) -> None:
    assert httpx2.get(f"{vendors.url}/livez", timeout=5).json() == {"status": "alive"}
    ready = httpx2.get(f"{vendors.url}/readyz", timeout=5).json()
    assert ready["status"] == "ready"
    assert ready["checks"].keys() == {"asana", "linear"}
    assert httpx2.get(f"{vendors.url}/metrics", timeout=5).status_code in {200, 503}


async def test_who_goes_away_makes_room() -> None:
    with sandbox(asana_concurrent_reads=1) as running:
        running.fault("asana", "hang")
        headers = {"Authorization": f"Bearer {running.asana_token}"}
        with pytest.raises(httpx2.ReadTimeout):
            httpx2.get(f"{running.asana_url}/users/me", headers=headers, timeout=0.2)
        async with asyncio.timeout(5), httpx2.AsyncClient(headers=headers) as asana:
            while (await asana.get(f"{running.asana_url}/users/me")).status_code == 429:
                pass


async def test_only_so_many_requests_are_under_way_at_once() -> None:
    with sandbox(asana_concurrent_reads=2) as running:
        running.fault("asana", "hang", times=None)
        headers = {"Authorization": f"Bearer {running.asana_token}"}
        async with (
            asyncio.timeout(10),
            httpx2.AsyncClient(base_url=running.asana_url, headers=headers) as asana,
            asyncio.TaskGroup() as tasks,
        ):
            waiting = [tasks.create_task(asana.get("/users/me")) for _ in range(2)]
            while len(running.faults()) == 0 or running.faults()[0]["hits"] < 2:
                await asyncio.wait(waiting, timeout=0.01)
            third = tasks.create_task(asana.get("/users/me"))
            assert (await third).status_code == 429
            running.clear_faults()
        assert [(await task).status_code for task in waiting] == [200, 200]
