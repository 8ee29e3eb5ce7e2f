"""Asana's view of the company: its business teams' work, people and plans."""

from datetime import datetime, timedelta

from services.sandbox.asana.membership import place
from services.sandbox.asana.records import (
    CustomField,
    EnumOption,
    FieldSetting,
    Project,
    Section,
    Tag,
    Team,
    User,
    UserTaskList,
    Workspace,
)
from services.sandbox.asana.store import Store
from services.sandbox.asana.task import Story, Task
from services.sandbox.company.model import DOMAIN, Company, Person, Status, Work
from services.sandbox.company.model import Project as Plan
from services.sandbox.company.model import Team as CompanyTeam

_SECTION_OF = {
    Status.BACKLOG: "Backlog",
    Status.TODO: "To do",
    Status.IN_PROGRESS: "In progress",
    Status.DONE: "Done",
    Status.CANCELED: "Canceled",
}
_COLOURS = ("dark-red", "dark-purple", "dark-blue", "dark-orange", "dark-teal", "dark-warm-gray")
_PRIORITIES = (("Urgent", "red"), ("High", "orange"), ("Medium", "yellow"), ("Low", "blue"))


def build(company: Company) -> Store:
    """Return Asana as it is on the company's first day in the sandbox."""
    return _Builder(company).store()


class _Builder:
    def __init__(self, company: Company) -> None:
        self._company = company
        workspace = Workspace(gid="", name=company.name, email_domains=[DOMAIN])
        self._users = {
            person.email: User(
                gid="",
                name=person.name,
                email=person.email,
                workspaces=[workspace],
                task_list_gid="",
            )
            for person in company.people
        }
        self._store = Store(workspace, self._users[company.viewer])
        workspace.gid = self._store.new_gid()
        self._store.add(workspace)
        self._priority = self._custom_field()

    def store(self) -> Store:
        """Return the filled store."""
        for person in self._company.people:
            self._person(person)
        tags = {
            name: self._tag(name, _COLOURS[place_ % len(_COLOURS)])
            for place_, name in enumerate(self._company.labels)
        }
        for team in self._company.tracked_in("asana"):
            made = self._team(team)
            plans = [plan for plan in self._company.projects if plan.team == team.key]
            projects = {plan.name: self._project(plan, made) for plan in plans}
            work = [each for each in self._company.work if each.team == team.key]
            tasks = {each.number: self._task(each, projects, tags) for each in work}
            for each in work:
                _relate(each, tasks)
        return self._store

    def _person(self, person: Person) -> None:
        user = self._users[person.email]
        user.gid, user.task_list_gid = self._store.new_gid(), self._store.new_gid()
        self._store.add(user)
        mine = UserTaskList(
            gid=user.task_list_gid,
            name=f"My tasks in {self._company.name}",
            owner=user,
            workspace=self._store.workspace,
        )
        self._store.add(mine)

    def _custom_field(self) -> CustomField:
        options = [
            self._store.add(EnumOption(gid=self._store.new_gid(), name=name, color=colour))
            for name, colour in _PRIORITIES
        ]
        field = CustomField(gid=self._store.new_gid(), name="Priority", enum_options=options)
        return self._store.add(field)

    def _tag(self, name: str, colour: str) -> Tag:
        tag = Tag(
            gid=self._store.new_gid(),
            name=name,
            workspace=self._store.workspace,
            created_at=self._company.founded_at,
            color=colour,
        )
        return self._store.add(tag)

    def _team(self, team: CompanyTeam) -> Team:
        made = Team(
            gid=self._store.new_gid(),
            name=team.name,
            description=team.description,
            organization=self._store.workspace,
            members=[
                self._users[person.email]
                for person in self._company.people
                if person.team == team.key or person.email == self._company.viewer
            ],
        )
        return self._store.add(made)

    def _project(self, plan: Plan, team: Team) -> Project:
        start = self._company.now + timedelta(days=plan.starts_in_days)
        project = Project(
            gid=self._store.new_gid(),
            name=plan.name,
            workspace=self._store.workspace,
            team=team,
            created_at=start - timedelta(days=10),
            modified_at=start,
            notes=plan.summary,
            owner=self._users[plan.lead],
            start_on=start.date(),
            due_on=(self._company.now + timedelta(days=plan.ends_in_days)).date(),
            color="light-green",
            default_view="board",
            icon="board",
            members=list(team.members),
            followers=list(team.members),
        )
        self._store.add(project)
        for name in _SECTION_OF.values():
            section = Section(
                gid=self._store.new_gid(),
                name=name,
                created_at=project.created_at,
                project=project,
            )
            project.sections.append(self._store.add(section))
        setting = FieldSetting(
            gid=self._store.new_gid(), project=project, custom_field=self._priority
        )
        project.custom_field_settings.append(self._store.add(setting))
        return project

    def _task(self, work: Work, projects: dict[str, Project], tags: dict[str, Tag]) -> Task:
        author = self._users[work.author]
        finished = work.status in {Status.DONE, Status.CANCELED}
        assignee = self._users[work.assignee] if work.assignee else None
        task = Task(
            gid=self._store.new_gid(),
            name=work.title,
            notes=work.body.replace("**", ""),
            workspace=self._store.workspace,
            created_at=work.created_at,
            modified_at=work.updated_at,
            created_by=author,
            assignee=assignee,
            assigned_by=author if assignee else None,
            completed=finished,
            completed_at=work.updated_at if finished else None,
            completed_by=(assignee or author) if finished else None,
            due_on=work.due_on,
            followers=list(dict.fromkeys(each for each in (author, assignee) if each)),
        )
        if work.priority:
            task.choices[self._priority.gid] = self._priority.enum_options[work.priority - 1]
        if work.project:
            sections = {section.name: section for section in projects[work.project].sections}
            place(task, sections[_SECTION_OF[work.status]])
        for name in work.labels:
            task.tags.append(tags[name])
            tags[name].tasks.append(task)
        if assignee:
            text = f"{author.name} assigned to {assignee.name}"
            self._story(task, author, work.created_at, text, "assigned")
        for remark in work.remarks:
            self._story(task, self._users[remark.author], remark.at, remark.text)
        if task.completed_by:
            text = f"{task.completed_by.name} completed this task"
            self._story(task, task.completed_by, work.updated_at, text, "marked_complete")
        return self._store.add(task)

    def _story(
        self, task: Task, author: User, at: datetime, text: str, kind: str = "comment_added"
    ) -> None:
        story = Story(
            gid=self._store.new_gid(),
            created_at=at,
            created_by=author,
            text=text,
            target=task,
            resource_subtype=kind,
            type="comment" if kind == "comment_added" else "system",
        )
        task.stories.append(self._store.add(story))


def _relate(work: Work, tasks: dict[int, Task]) -> None:
    task = tasks[work.number]
    if work.parent:
        task.parent = tasks[work.parent]
        task.parent.subtasks.append(task)
    if work.blocked_by:
        task.dependencies.append(tasks[work.blocked_by])
        tasks[work.blocked_by].dependents.append(task)
