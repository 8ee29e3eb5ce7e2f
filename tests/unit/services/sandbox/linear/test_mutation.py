from typing import Any
from uuid import uuid4

import pytest

from tests.support.clock import FakeClock
from tests.support.vendors import Caller

CREATE = """mutation($input: IssueCreateInput!) {
  issueCreate(input: $input) { success issue { id identifier title } }
}"""
UPDATE = """mutation($id: String!, $input: IssueUpdateInput!) {
  issueUpdate(id: $id, input: $input) { success issue {
    identifier title updatedAt completedAt startedAt priority dueDate
    state { name } assignee { email } team { key } previousIdentifiers
    project { name } projectMilestone { name } parent { identifier } labels { nodes { name } }
  } }
}"""


async def ids(vendors: Caller) -> dict[str, str]:
    """Return the ids of states of ENG, labels, people and projects by name."""
    found = await vendors.data(
        """{ team(id: "ENG") { states { nodes { id name } } }
             issueLabels { nodes { id name } } users { nodes { id name: email } }
             projects { nodes { id name } } projectStatuses { nodes { id name } } }"""
    )
    kinds = ("projectStatuses", "issueLabels", "users", "projects")
    lists = (*(found[kind] for kind in kinds), found["team"]["states"])
    return {node["name"]: node["id"] for each in lists for node in each["nodes"]}


async def update(vendors: Caller, key: str, **given: Any) -> Any:
    return (await vendors.data(UPDATE, id=key, input=given))["issueUpdate"]["issue"]


async def test_a_new_issue_gets_the_teams_next_number_and_first_state(vendors: Caller) -> None:
    made = await vendors.data(CREATE, input={"teamId": "PLT", "title": "New"})
    assert made["issueCreate"]["issue"]["identifier"] == "PLT-22"
    found = await vendors.data(
        '{ issue(id: "plt-22") { title state { type } creator { isMe } priorityLabel } }'
    )
    assert found["issue"] == {
        "title": "New",
        "state": {"type": "backlog"},
        "creator": {"isMe": True},
        "priorityLabel": "No priority",
    }


async def test_the_same_id_twice_makes_one_issue(vendors: Caller) -> None:
    given = {"id": str(uuid4()), "teamId": "ENG", "title": "Once"}
    made = await vendors.data(CREATE, input=given)
    assert made["issueCreate"]["issue"]["id"] == given["id"]
    answer = await vendors.linear(CREATE, {"input": given})
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    (error,) = answer.json()["errors"]
    assert error["message"] == "conflict on insert of Issue"
    assert error["path"] == ["issueCreate"]
    assert error["extensions"] == {
        "type": "invalid input",
        "code": "INPUT_ERROR",
        "statusCode": 400,
        "userError": True,
        "userPresentableMessage": f"Entity Issue with id {given['id']} already exists.",
    }
    state = await vendors.get("/_sandbox/state")
    assert state["vendors"]["linear"]["writes"] == {"issueCreate": 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"id": "42"}, "id must be a UUID."),
        ({"title": " "}, "title must not be empty."),
        ({"priority": 9}, "priority must not be greater than 4."),
    ],
)
async def test_what_does_not_fit_is_refused_and_makes_nothing(
    given: dict[str, Any], message: str, vendors: Caller
) -> None:
    error = await vendors.error(CREATE, input={"teamId": "ENG", "title": "x", **given})
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["userPresentableMessage"] == message
    state = await vendors.get("/_sandbox/state")
    assert state["vendors"]["linear"]["writes"] == {}


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("teamId", "Team"), ("assigneeId", "User"), ("stateId", "WorkflowState"),
        ("projectId", "Project"), ("cycleId", "Cycle"), ("parentId", "Issue"),
        ("projectMilestoneId", "ProjectMilestone"),
    ],
)  # fmt: skip
async def test_what_does_not_exist_is_named(field: str, kind: str, vendors: Caller) -> None:
    error = await vendors.error(CREATE, input={"teamId": "ENG", "title": "x", field: str(uuid4())})
    assert error["message"] == f"Entity not found: {kind}"
    assert error["extensions"]["code"] == "INPUT_ERROR"
    assert error["extensions"]["userPresentableMessage"] == f"Could not find referenced {kind}."


async def test_an_update_changes_what_it_names_and_nothing_else(
    vendors: Caller, clock: FakeClock
) -> None:
    known = await ids(vendors)
    before = await update(vendors, "ENG-5")
    clock.advance(60)
    after = await update(
        vendors, "ENG-5", stateId=known["Done"], assigneeId=known["mei.tanaka@example.com"]
    )
    assert after["state"] == {"name": "Done"}
    assert after["assignee"] == {"email": "mei.tanaka@example.com"}
    assert after["completedAt"] is not None
    assert after["updatedAt"] > before["updatedAt"]
    same = ("title", "priority", "dueDate", "project", "labels")
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


async def test_labels_are_added_and_removed_without_touching_others(vendors: Caller) -> None:
    known = await ids(vendors)
    await update(vendors, "ENG-5", labelIds=[known["Bug"], known["Billing"]])
    changed = await update(
        vendors, "ENG-5", addedLabelIds=[known["Security"]], removedLabelIds=[known["Bug"]]
    )
    names = {label["name"] for label in changed["labels"]["nodes"]}
    assert names == {"Billing", "Security"}


async def test_null_empties_a_field(vendors: Caller) -> None:
    known = await ids(vendors)
    await update(vendors, "ENG-5", assigneeId=known["mei.tanaka@example.com"], dueDate="2026-03-01")
    emptied = await update(vendors, "ENG-5", assigneeId=None, dueDate=None, projectId=None)
    assert (emptied["assignee"], emptied["dueDate"], emptied["project"]) == (None, None, None)
    assert emptied["projectMilestone"] is None, "it left the project, so its milestone too"


async def test_an_issue_that_moves_is_still_found_by_its_old_name(vendors: Caller) -> None:
    moved = await update(vendors, "ENG-5", teamId="DES")
    assert moved["identifier"].startswith("DES-")
    assert moved["previousIdentifiers"] == ["ENG-5"]
    found = await vendors.data('{ issue(id: "ENG-5") { identifier } }')
    assert found["issue"]["identifier"] == moved["identifier"]


async def test_an_issue_cannot_be_below_itself(vendors: Caller) -> None:
    found = await vendors.data('{ issue(id: "ENG-7") { parent { id identifier } id } }')
    error = await vendors.error(
        UPDATE, id=found["issue"]["parent"]["id"], input={"parentId": found["issue"]["id"]}
    )
    assert "parentId" in error["extensions"]["userPresentableMessage"]


async def test_both_ends_of_every_list_stay_true(vendors: Caller) -> None:
    known = await ids(vendors)
    await update(vendors, "ENG-5", projectId=known["Design System"], assigneeId=None)
    found = await vendors.data(
        """query($id: String!) { project(id: $id) { issues(filter: {number: {eq: 5}}) {
             nodes { identifier } } } }""",
        id=known["Design System"],
    )
    assert {"identifier": "ENG-5"} in found["project"]["issues"]["nodes"]


async def test_comments_are_made_answered_changed_and_removed(vendors: Caller) -> None:
    create = """mutation($input: CommentCreateInput!) {
      commentCreate(input: $input) { comment { id body issue { identifier } parent { id } } } }"""
    comment_id = str(uuid4())
    first = await vendors.data(create, input={"id": comment_id, "issueId": "ENG-1", "body": "Hi"})
    assert first["commentCreate"]["comment"]["issue"] == {"identifier": "ENG-1"}
    reply = await vendors.data(create, input={"parentId": comment_id, "body": "Ho"})
    assert reply["commentCreate"]["comment"]["parent"] == {"id": comment_id}
    again = await vendors.error(create, input={"id": comment_id, "issueId": "ENG-1", "body": "Hi"})
    assert again["message"] == "conflict on insert of Comment"
    nowhere = await vendors.error(create, input={"body": "Hm"})
    assert "issueId" in nowhere["extensions"]["userPresentableMessage"]
    changed = await vendors.data(
        "mutation($id: String!) { commentUpdate(id: $id, input: {body: "
        '"Hello"}) { comment { body editedAt children { nodes { body } } } } }',
        id=comment_id,
    )
    assert changed["commentUpdate"]["comment"]["body"] == "Hello"
    assert changed["commentUpdate"]["comment"]["children"]["nodes"] == [{"body": "Ho"}]
    gone = await vendors.data(
        "mutation($id: String!) { commentDelete(id: $id) { entityId } }", id=comment_id
    )
    assert gone["commentDelete"]["entityId"] == comment_id
    error = await vendors.error("query($id: String!) { comment(id: $id) { id } }", id=comment_id)
    assert error["message"] == "Entity not found: Comment"


async def test_relations_show_at_both_ends(vendors: Caller) -> None:
    await vendors.data(
        """mutation { issueRelationCreate(
             input: {issueId: "ENG-1", relatedIssueId: "ENG-4", type: blocks}) { success } }"""
    )
    found = await vendors.data(
        """{ a: issue(id: "ENG-1") { relations { nodes { type relatedIssue { identifier } } } }
             b: issue(id: "ENG-4") { inverseRelations { nodes { id issue { identifier } } } } }"""
    )
    assert found["a"]["relations"]["nodes"] == [
        {"type": "blocks", "relatedIssue": {"identifier": "ENG-4"}}
    ]
    (back,) = found["b"]["inverseRelations"]["nodes"]
    assert back["issue"] == {"identifier": "ENG-1"}
    await vendors.data(
        "mutation($id: String!) { issueRelationDelete(id: $id) { success } }", id=back["id"]
    )
    empty = await vendors.data('{ issue(id: "ENG-1") { relations { nodes { id } } } }')
    assert empty["issue"]["relations"]["nodes"] == []


async def test_projects_labels_and_milestones_are_made(vendors: Caller) -> None:
    known = await ids(vendors)
    team = (await vendors.data('{ team(id: "ENG") { id } }'))["team"]["id"]
    made = await vendors.data(
        """mutation($project: ProjectCreateInput!, $label: IssueLabelCreateInput!) {
             projectCreate(input: $project) { project { id name status { type } lead { email } } }
             issueLabelCreate(input: $label) { issueLabel { name team { key } } } }""",
        project={
            "name": "Next",
            "teamIds": [team],
            "leadId": known["mei.tanaka@example.com"],
            "targetDate": "2026-06-01",
        },
        label={"name": "Flaky", "teamId": team},
    )
    project = made["projectCreate"]["project"]
    assert project["lead"] == {"email": "mei.tanaka@example.com"}
    assert made["issueLabelCreate"]["issueLabel"] == {"name": "Flaky", "team": {"key": "ENG"}}
    milestone = await vendors.data(
        """mutation($id: String!) { projectMilestoneCreate(
             input: {projectId: $id, name: "Beta"}) { projectMilestone { id } } }""",
        id=project["id"],
    )
    placed = await update(
        vendors,
        "ENG-5",
        projectId=project["id"],
        projectMilestoneId=milestone["projectMilestoneCreate"]["projectMilestone"]["id"],
    )
    assert placed["projectMilestone"] == {"name": "Beta"}
    done = await vendors.data(
        """mutation($id: String!, $done: String!) {
             projectUpdate(id: $id, input: {statusId: $done}) {
               project { completedAt state } } }""",
        id=project["id"],
        done=known["Completed"],
    )
    assert done["projectUpdate"]["project"]["state"] == "completed"
    assert done["projectUpdate"]["project"]["completedAt"]
    twice = await vendors.error('mutation { issueLabelCreate(input: {name: "bug"}) { success } }')
    assert twice["extensions"]["userPresentableMessage"] == "duplicate label name"


async def test_the_same_address_is_attached_once(vendors: Caller) -> None:
    attach = """mutation($title: String!) { attachmentCreate(
      input: {issueId: "ENG-1", url: "https://example.com/a", title: $title}) {
        attachment { id } } }"""
    first = await vendors.data(attach, title="A")
    assert await vendors.data(attach, title="B") == first
    found = await vendors.data(
        '{ attachmentsForURL(url: "https://example.com/a") { nodes { title } } }'
    )
    assert found["attachmentsForURL"]["nodes"] == [{"title": "B"}]


async def test_what_is_deleted_can_be_brought_back(vendors: Caller) -> None:
    gone = await vendors.data(
        'mutation { issueDelete(id: "ENG-2") { entity { trashed archivedAt } } }'
    )
    assert gone["issueDelete"]["entity"]["trashed"] is True
    assert gone["issueDelete"]["entity"]["archivedAt"]
    back = await vendors.data(
        'mutation { issueUnarchive(id: "ENG-2") { entity { trashed archivedAt } } }'
    )
    assert back["issueUnarchive"]["entity"] == {"trashed": None, "archivedAt": None}
