"""The contract's operations, called as a client calls them."""

from kit.errors import Invalid, NotFound
from tests.support.asana import PROJECT, Vendor, asana
from tests.support.sandbox import RunningSandbox


async def test_a_search_finds_tasks_of_every_project(box: RunningSandbox) -> None:
    async with asana(box) as server:
        page = await server.call("tasks_search", query="billing", limit=50)
    assert page["complete"] is True
    assert len(page["items"]) > 20
    first = page["items"][0]
    assert first["ref"].startswith("task:asana:")
    assert first["url"].startswith("https://app.asana.com/")
    assert {"name", "category"} == first["status"].keys()
    projects = {each["project"]["name"] for each in page["items"] if "project" in each}
    assert {PROJECT, "Spring Launch"} <= projects


async def test_all_conditions_hold_together(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    bug = vendor.get(f"/workspaces/{vendor.workspace}/tags")[0]["gid"]
    wanted = vendor.task("Needle", assignee="ravi.shankaran@example.com", tags=[bug])
    vendor.task("Needle without a label", assignee="ravi.shankaran@example.com")
    vendor.task("Needle of nobody", tags=[bug])
    project = f"project:asana:{vendor.projects[PROJECT]}"
    async with asana(box) as server:
        page = await server.call(
            "tasks_search",
            query="needle",
            assignee="ravi.shankaran@example.com",
            status="open",
            project_ref=project,
            labels=["bug"],
        )
        done = await server.call("tasks_search", query="needle", status="done")
    assert [each["ref"] for each in page["items"]] == [f"task:asana:{wanted}"]
    assert done["items"] == []


async def test_a_person_or_label_that_asana_does_not_have_finds_nothing(
    box: RunningSandbox,
) -> None:
    async with asana(box) as server:
        nobody = await server.call("tasks_search", assignee="someone@elsewhere.example")
        nothing = await server.call("tasks_search", labels=["no such label"])
    assert nobody["items"] == nothing["items"] == []
    assert nobody["complete"] is nothing["complete"] is True


async def test_a_ref_of_another_provider_is_refused(box: RunningSandbox) -> None:
    async with asana(box) as server:
        search = await server.refused("tasks_search", project_ref="project:linear:abc")
        get = await server.refused("tasks_get", ref="task:linear:ENG-12")
        create = await server.refused(
            "tasks_create", title="x", container_ref="team:asana:1209000000000076"
        )
    assert isinstance(search, Invalid)
    assert search.field == "project_ref"
    assert isinstance(get, Invalid)
    assert get.field == "ref"
    assert isinstance(create, Invalid)
    assert "keeps tasks in projects" in create.message


async def test_a_task_is_read_with_what_was_asked_for(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    notes = "<body>Why:\n<ul><li><strong>late</strong></li></ul></body>"
    task = vendor.task("Whole", html_notes=notes)
    part = vendor.post(f"/tasks/{task}/subtasks", name="Part")["gid"]
    first, later = vendor.task("Before"), vendor.task("After")
    vendor.post(f"/tasks/{task}/addDependencies", dependencies=[first])
    vendor.post(f"/tasks/{task}/addDependents", dependents=[later])
    vendor.post(f"/tasks/{task}/stories", text="Seen.")
    ref = f"task:asana:{task}"
    async with asana(box) as server:
        bare = await server.call("tasks_get", ref=ref)
        full = await server.call(
            "tasks_get", ref=ref, include=["comments", "subtasks", "relations"]
        )
    assert bare["description_md"] == "Why:\n\n- **late**"
    assert not {"comments", "subtasks", "relations"} & bare.keys()
    assert [each["body_md"] for each in full["comments"]] == ["Seen."]
    assert [each["ref"] for each in full["subtasks"]] == [f"task:asana:{part}"]
    assert {(each["relation"], each["title"]) for each in full["relations"]} == {
        ("blocked_by", "Before"),
        ("blocks", "After"),
    }


async def test_a_task_that_is_not_there_is_not_found(box: RunningSandbox) -> None:
    async with asana(box) as server:
        for tool, more in (
            ("tasks_get", {}),
            ("tasks_update", {"set": {"title": "x"}}),
            ("tasks_comment", {"body_md": "x"}),
        ):
            error = await server.refused(tool, ref="task:asana:1209999999999999", **more)
            assert isinstance(error, NotFound), tool
            assert "1209999999999999" in error.message


async def test_a_task_is_created_with_all_its_fields(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call(
            "tasks_create",
            title="Draft the memo",
            description_md="With **care**.",
            container_ref=f"project:asana:{PROJECT}",
            assignee="me",
            due_on="2030-01-31",
            priority=2,
            labels=["Billing", "Customer"],
            idempotency_key="k1",
        )
        read = await server.call("tasks_get", ref=made["ref"])
    assert (made["outcome"], made["provider"], made["idempotency_key"]) == (
        "created",
        "asana",
        "k1",
    )
    assert made["url"] == read["url"]
    assert read["title"] == "Draft the memo"
    assert read["description_md"] == "With **care**."
    assert read["project"]["name"] == PROJECT
    assert read["assignee"]["email"] == "avery.stone@example.com"
    assert (read["due_on"], read["priority"]) == ("2030-01-31", 2)
    assert set(read["labels"]) == {"Billing", "Customer"}


async def test_a_subtask_goes_to_its_parent(box: RunningSandbox) -> None:
    parent = Vendor(box).task("Whole")
    async with asana(box, default_project=PROJECT) as server:
        made = await server.call(
            "tasks_create", title="Part", parent_ref=f"task:asana:{parent}", idempotency_key="k"
        )
        again = await server.call(
            "tasks_create", title="Part", parent_ref=f"task:asana:{parent}", idempotency_key="k"
        )
        read = await server.call("tasks_get", ref=made["ref"], include=["relations"])
    assert (again["outcome"], again["ref"]) == ("existing", made["ref"])
    assert [each["title"] for each in read["relations"]] == ["Whole"]
    assert "project" not in read


async def test_a_task_without_a_place_is_refused_unless_there_is_a_default(
    box: RunningSandbox,
) -> None:
    async with asana(box) as server:
        error = await server.refused("tasks_create", title="Lost")
    assert isinstance(error, Invalid)
    assert error.field == "container_ref"
    async with asana(box, default_project=PROJECT) as server:
        made = await server.call("tasks_create", title="Found")
    assert made["task"]["project"]["name"] == PROJECT


async def test_labels_are_patched_and_never_replaced(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call(
            "tasks_create",
            title="Labelled",
            container_ref=f"project:asana:{PROJECT}",
            labels=["Bug", "Billing"],
        )
        changed = await server.call(
            "tasks_update",
            ref=made["ref"],
            add_labels=["security", "Bug"],
            remove_labels=["Billing", "Feature"],
        )
        error = await server.refused("tasks_update", ref=made["ref"], add_labels=["Bugs"])
    assert set(changed["task"]["labels"]) == {"Bug", "Security"}
    assert isinstance(error, Invalid)
    assert error.field == "add_labels"
    assert "has no tag 'Bugs' here; there is Bug, " in error.message
    writes = box.state("asana")["writes"]
    assert writes["POST /tasks/{task_gid}/addTag"] == 1
    assert writes["POST /tasks/{task_gid}/removeTag"] == 1


async def test_null_clears_and_what_is_not_given_stays(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    task = vendor.task("Full", notes="text", due_on="2030-01-31", assignee="me")
    ref = f"task:asana:{task}"
    async with asana(box) as server:
        renamed = await server.call("tasks_update", ref=ref, set={"title": "Renamed"})
        empty = await server.call(
            "tasks_update",
            ref=ref,
            set={"description_md": None, "due_on": None, "assignee": None},
        )
        read = await server.call("tasks_get", ref=ref)
        error = await server.refused("tasks_update", ref=ref, set={"title": None})
    assert renamed["task"]["due_on"] == "2030-01-31"
    assert renamed["task"]["assignee"]["email"] == "avery.stone@example.com"
    assert not {"due_on", "assignee"} & empty["task"].keys()
    assert (read["title"], read["description_md"]) == ("Renamed", "")
    assert isinstance(error, Invalid)
    assert error.field == "set.title"


async def test_a_status_moves_and_ticks_the_task(box: RunningSandbox) -> None:
    task = Vendor(box).task("Moving")
    ref = f"task:asana:{task}"
    seen = []
    async with asana(box) as server:
        for wanted in ("in_progress", "To do", "done", "backlog", "canceled", "Done"):
            made = await server.call("tasks_update", ref=ref, set={"status": wanted})
            status = made["task"]["status"]
            seen.append((wanted, status["name"], status["category"]))
        error = await server.refused("tasks_update", ref=ref, set={"status": "shipped"})
    assert seen == [
        ("in_progress", "In progress", "in_progress"),
        ("To do", "To do", "todo"),
        ("done", "Done", "done"),
        ("backlog", "Backlog", "backlog"),
        ("canceled", "Canceled", "canceled"),
        ("Done", "Done", "done"),
    ]
    assert isinstance(error, Invalid)
    assert error.field == "set.status"


async def test_a_task_changes_its_project_and_its_parent(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    task, whole = vendor.task("Wandering"), vendor.task("Whole")
    ref = f"task:asana:{task}"
    async with asana(box) as server:
        moved = await server.call(
            "tasks_update",
            ref=ref,
            set={"project_ref": "project:asana:Spring Launch", "parent_ref": f"task:asana:{whole}"},
        )
        native = await server.call("asana_get_task", task=ref)
        await server.call("tasks_update", ref=ref, set={"project_ref": None, "parent_ref": None})
        left = await server.call("asana_get_task", task=ref)
    assert moved["task"]["project"]["name"] == "Spring Launch"
    assert [each["project"] for each in native["places"]] == ["Spring Launch"]
    assert native["parent"]["name"] == "Whole"
    assert left["places"] == []
    assert "parent" not in left


async def test_a_task_that_changed_meanwhile_is_not_overwritten(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    task = vendor.task("Contested")
    ref = f"task:asana:{task}"
    async with asana(box) as server:
        read = await server.call("tasks_get", ref=ref)
        first = await server.call(
            "tasks_update", ref=ref, set={"title": "Mine"}, if_updated_at=read["updated_at"]
        )
        again = await server.call(
            "tasks_update", ref=ref, set={"title": "Mine"}, if_updated_at=read["updated_at"]
        )
        error = await server.refused(
            "tasks_update", ref=ref, set={"title": "Yours"}, if_updated_at=read["updated_at"]
        )
    assert (first["outcome"], again["outcome"]) == ("updated", "existing")
    assert (error.code, error.existing_ref) == ("conflict", ref)  # type: ignore[attr-defined] # a Conflict's
    assert [each["name"] for each in vendor.named("Mine")] == ["Mine"]


async def test_a_comment_is_added_in_markdown(box: RunningSandbox) -> None:
    ref = f"task:asana:{Vendor(box).task('Talked about')}"
    async with asana(box) as server:
        made = await server.call("tasks_comment", ref=ref, body_md="1 < 2 & **so** on\n\n- x")
        read = await server.call("tasks_get", ref=ref, include=["comments"])
    assert (made["outcome"], made["provider"]) == ("created", "asana")
    assert [(each["ref"], each["body_md"]) for each in read["comments"]] == [
        (made["ref"], "1 < 2 & **so** on\n\n- x")
    ]
    assert read["comments"][0]["author"]["email"] == "avery.stone@example.com"


async def test_people_are_found_by_address_and_by_name(box: RunningSandbox) -> None:
    async with asana(box) as server:
        (one,) = (await server.call("people_resolve", email="GRACE.whitfield@example.com"))["items"]
        (same,) = (await server.call("people_resolve", name="whitf"))["items"]
        none = await server.call("people_resolve", email="someone@elsewhere.example")
    assert one == same
    assert one["email"] == "grace.whitfield@example.com"
    assert one["accounts"][0]["provider"] == "asana"
    assert none["items"] == []


async def test_wrong_arguments_are_named(box: RunningSandbox) -> None:
    async with asana(box) as server:
        for tool, arguments, field in (
            ("tasks_search", {"limit": 51}, "limit"),
            ("tasks_search", {"colour": "red"}, "colour"),
            ("tasks_search", {"cursor": "bogus"}, "cursor"),
            ("tasks_create", {"title": ""}, "title"),
            ("tasks_create", {"title": "x", "assignee": "nobody at all"}, "assignee"),
            ("tasks_update", {"ref": "nonsense"}, "ref"),
        ):
            error = await server.refused(tool, **arguments)
            assert isinstance(error, Invalid), (tool, arguments)
            assert error.field == field
