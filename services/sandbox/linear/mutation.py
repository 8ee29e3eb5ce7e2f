"""The root of every write. What it applies, it counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.clock import Clock
from services.sandbox.ledger import Ledger
from services.sandbox.linear import errors
from services.sandbox.linear.issue import Attachment, Comment, Issue, IssueRelation
from services.sandbox.linear.issue_writes import change, created
from services.sandbox.linear.plan import Project, ProjectMilestone, ProjectStatus
from services.sandbox.linear.project_writes import set_project
from services.sandbox.linear.store import Store, touch
from services.sandbox.linear.workspace import Entity, IssueLabel, Team

Input = dict[str, Any]
Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mutation:
    """Fields of the schema's ``Mutation``."""

    store: Store
    ledger: Ledger
    clock: Clock

    def issue_create(self, given: Input) -> Payload:
        """Create an issue."""
        issue = created(self.store, given, self._now())
        return self._done("issueCreate", issue=issue)

    def issue_update(self, key: str, given: Input) -> Payload:
        """Change an issue."""
        issue = self.store.get(Issue, key)
        change(self.store, issue, given, self._now())
        return self._done("issueUpdate", issue=issue)

    def issue_archive(self, *, key: str, trash: bool | None = None) -> Payload:
        """Archive an issue, or move it to the trash."""
        return self._archive("issueArchive", key, trashed=bool(trash))

    def issue_delete(self, key: str) -> Payload:
        """Move an issue to the trash, where it stays for 30 days."""
        return self._archive("issueDelete", key, trashed=True)

    def issue_unarchive(self, key: str) -> Payload:
        """Bring an archived issue back."""
        issue = self.store.get(Issue, key)
        issue.archived_at = issue.trashed = None
        touch(issue, self._now())
        return self._done("issueUnarchive", entity=issue)

    def issue_add_label(self, key: str, label_id: str) -> Payload:
        """Put a label on an issue."""
        return self._label("issueAddLabel", key, {"addedLabelIds": [label_id]})

    def issue_remove_label(self, key: str, label_id: str) -> Payload:
        """Take a label off an issue."""
        return self._label("issueRemoveLabel", key, {"removedLabelIds": [label_id]})

    def issue_relation_create(self, given: Input) -> Payload:
        """Relate two issues."""
        now = self._now()
        relation = IssueRelation(
            id=self.store.free_id(IssueRelation, given.get("id")),
            created_at=now,
            updated_at=now,
            type=given["type"],
            issue=self.store.get(Issue, given["issueId"]),
            related_issue=self.store.get(Issue, given["relatedIssueId"]),
        )
        self.store.add(relation)
        relation.issue.relations.append(relation)
        relation.related_issue.inverse_relations.append(relation)
        return self._done("issueRelationCreate", issueRelation=relation)

    def issue_relation_delete(self, key: str) -> Payload:
        """Undo a relation."""
        relation = self.store.get(IssueRelation, key)
        relation.issue.relations.remove(relation)
        relation.related_issue.inverse_relations.remove(relation)
        return self._gone("issueRelationDelete", relation)

    def issue_label_create(self, given: Input) -> Payload:
        """Create a label of one team, or of the workspace."""
        now = self._now()
        team = self.store.pick(Team, given.get("teamId"))
        names = [label.name.lower() for label in self.store.every(IssueLabel)]
        if given["name"].lower() in names:
            raise errors.invalid("duplicate label name")
        label = IssueLabel(
            id=self.store.free_id(IssueLabel, given.get("id")),
            created_at=now,
            updated_at=now,
            name=given["name"],
            color=given.get("color") or "#bec2c8",
            description=given.get("description"),
            is_group=bool(given.get("isGroup")),
            parent=self.store.pick(IssueLabel, given.get("parentId")),
            team=team,
            creator=self.store.viewer,
        )
        self.store.add(label)
        (team.labels if team else self.store.organization.labels).append(label)
        if label.parent:
            label.parent.children.append(label)
        return self._done("issueLabelCreate", issueLabel=label)

    def comment_create(self, given: Input) -> Payload:
        """Comment on an issue or a project."""
        now = self._now()
        parent = self.store.pick(Comment, given.get("parentId"))
        issue = self.store.pick(Issue, given.get("issueId"))
        if issue is None and parent:
            issue = parent.issue
        project = self.store.pick(Project, given.get("projectId"))
        if issue is None and project is None:
            raise errors.invalid("issueId or another parent must be given.")
        comment = Comment(
            id=self.store.free_id(Comment, given.get("id")),
            created_at=given.get("createdAt") or now,
            updated_at=now,
            body=given.get("body") or "",
            quoted_text=given.get("quotedText"),
            user=self.store.viewer,
            issue=issue,
            project=project,
            parent=parent,
        )
        self.store.add(comment)
        if parent:
            parent.children.append(comment)
        if issue:
            issue.comments.append(comment)
            touch(issue, now)
        if project:
            project.comments.append(comment)
        return self._done("commentCreate", comment=comment)

    def comment_update(self, key: str, given: Input) -> Payload:
        """Change what a comment says."""
        comment = self.store.get(Comment, key)
        comment.body = given.get("body") or comment.body
        comment.quoted_text = given.get("quotedText", comment.quoted_text)
        comment.edited_at = self._now()
        touch(comment, self._now())
        return self._done("commentUpdate", comment=comment)

    def comment_delete(self, key: str) -> Payload:
        """Remove a comment."""
        comment = self.store.get(Comment, key)
        for place in (comment.issue, comment.project):
            if place:
                place.comments.remove(comment)
        if comment.parent:
            comment.parent.children.remove(comment)
        return self._gone("commentDelete", comment)

    def attachment_create(self, given: Input) -> Payload:
        """Attach a link; the same address on the same issue updates what is there."""
        now = self._now()
        issue = self.store.get(Issue, given["issueId"])
        attachment = next((each for each in issue.attachments if each.url == given["url"]), None)
        if attachment is None:
            attachment = Attachment(
                id=self.store.free_id(Attachment, given.get("id")),
                created_at=now,
                updated_at=now,
                title=given["title"],
                url=given["url"],
                issue=issue,
                creator=self.store.viewer,
            )
            issue.attachments.append(self.store.add(attachment))
        attachment.title = given["title"]
        attachment.subtitle = given.get("subtitle", attachment.subtitle)
        attachment.metadata = given.get("metadata") or attachment.metadata
        attachment.group_by_source = bool(given.get("groupBySource"))
        touch(attachment, now)
        return self._done("attachmentCreate", attachment=attachment)

    def project_create(self, given: Input) -> Payload:
        """Create a project of one or more teams."""
        now = self._now()
        teams = [self.store.get(Team, team) for team in given["teamIds"]]
        if not teams:
            raise errors.invalid("teamIds must contain at least 1 elements.")
        planned = next(s for s in self.store.every(ProjectStatus) if s.type == "backlog")
        project_id = self.store.free_id(Project, given.get("id"))
        project = Project(
            id=project_id,
            created_at=now,
            updated_at=now,
            name=given["name"],
            description="",
            slug_id=project_id.replace("-", "")[:12],
            status=planned,
            organization=self.store.organization,
            creator=self.store.viewer,
        )
        set_project(self.store, project, given, now)
        self.store.add(project)
        return self._done("projectCreate", project=project)

    def project_milestone_create(self, given: Input) -> Payload:
        """Add a milestone to a project."""
        now = self._now()
        project = self.store.get(Project, given["projectId"])
        milestone = ProjectMilestone(
            id=self.store.free_id(ProjectMilestone, given.get("id")),
            created_at=now,
            updated_at=now,
            name=given["name"],
            description=given.get("description"),
            project=project,
            sort_order=given.get("sortOrder") or float(len(project.project_milestones)),
            target_date=given.get("targetDate"),
        )
        project.project_milestones.append(self.store.add(milestone))
        return self._done("projectMilestoneCreate", projectMilestone=milestone)

    def project_update(self, key: str, given: Input) -> Payload:
        """Change a project."""
        project = self.store.get(Project, key)
        set_project(self.store, project, given, self._now())
        return self._done("projectUpdate", project=project)

    def _label(self, name: str, issue_id: str, given: Input) -> Payload:
        issue = self.store.get(Issue, issue_id)
        change(self.store, issue, given, self._now())
        return self._done(name, issue=issue)

    def _archive(self, name: str, issue_id: str, *, trashed: bool) -> Payload:
        issue = self.store.get(Issue, issue_id)
        issue.archived_at = issue.archived_at or self._now()
        issue.trashed = trashed or issue.trashed
        touch(issue, self._now())
        return self._done(name, entity=issue)

    def _gone(self, name: str, entity: Entity) -> Payload:
        del self.store.entities[entity.id]
        return self._done(name, entityId=entity.id)

    def _done(self, name: str, **entity: Any) -> Payload:
        """Count one applied write and return its payload."""
        self.ledger.writes[name] += 1
        return {"success": True, "lastSyncId": float(self.ledger.writes.total()), **entity}

    def _now(self) -> datetime:
        return self.clock.utc()
