"""What a tool works with while the server runs."""

from dataclasses import dataclass

from services.linear.client import LinearClient
from services.linear.comments import Comments
from services.linear.issues import Issues
from services.linear.names import Names
from services.linear.projects import Projects


@dataclass(frozen=True, slots=True)
class Deps:
    """Linear, and the jobs on it."""

    client: LinearClient
    names: Names
    issues: Issues
    comments: Comments
    projects: Projects
