"""What a tool works with while the server runs."""

from dataclasses import dataclass

from services.asana.client import AsanaClient
from services.asana.comments import Comments
from services.asana.names import Names
from services.asana.projects import Projects
from services.asana.search import Searcher
from services.asana.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Deps:
    """Asana, and the jobs on it.

    Attributes:
        default_project: Where tasks go that name no project; a gid or name.
    """

    client: AsanaClient
    names: Names
    searcher: Searcher
    tasks: Tasks
    comments: Comments
    projects: Projects
    default_project: str | None
