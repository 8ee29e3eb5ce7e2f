"""Linear's GraphQL documents; a test checks each against the official schema.

The ones that list issues exist twice because Linear's search answers a type of its own,
on which a fragment on ``Issue`` cannot be spread.
"""

from typing import Final

_ISSUE: Final = """
  id identifier title priority estimate dueDate url createdAt updatedAt
  state { name type } team { id key } assignee { name email } project { id name }
  projectMilestone { name } cycle { number name } parent { identifier title }
  labels(first: 25) { nodes { name } }
"""
_PAGE: Final = "pageInfo { hasNextPage endCursor }"
_COMMENT: Final = "id body url createdAt updatedAt parent { id } user { name email }"
_USER: Final = "id name displayName email active"
_LABEL: Final = "id name isGroup parent { name } team { id key }"
_PROJECT: Final = """
  id name url priority progress startDate targetDate updatedAt
  status { name type } lead { name email } teams(first: 10) { nodes { id key } }
"""

VIEWER: Final = f"query Viewer {{ viewer {{ {_USER} }} }}"

ISSUES: Final = f"""query Issues(
  $filter: IssueFilter, $first: Int, $after: String,
  $orderBy: PaginationOrderBy, $includeArchived: Boolean
) {{
  issues(
    filter: $filter, first: $first, after: $after,
    orderBy: $orderBy, includeArchived: $includeArchived
  ) {{ nodes {{ {_ISSUE} }} {_PAGE} }}
}}"""

SEARCH_ISSUES: Final = f"""query SearchIssues(
  $term: String!, $filter: IssueFilter, $first: Int, $after: String,
  $orderBy: PaginationOrderBy, $includeArchived: Boolean
) {{
  searchIssues(
    term: $term, filter: $filter, first: $first, after: $after,
    orderBy: $orderBy, includeArchived: $includeArchived
  ) {{ nodes {{ {_ISSUE} }} {_PAGE} totalCount }}
}}"""

ISSUE: Final = f"""query Issue(
  $id: String!, $comments: Boolean!, $children: Boolean!,
  $relations: Boolean!, $attachments: Boolean!
) {{
  issue(id: $id) {{
    {_ISSUE} description branchName creator {{ name email }}
    comments(first: 50) @include(if: $comments) {{ nodes {{ {_COMMENT} }} {_PAGE} }}
    children(first: 50) @include(if: $children) {{
      nodes {{ identifier title state {{ name type }} }} {_PAGE}
    }}
    relations(first: 50) @include(if: $relations) {{
      nodes {{ type relatedIssue {{ identifier title }} }} {_PAGE}
    }}
    inverseRelations(first: 50) @include(if: $relations) {{
      nodes {{ type issue {{ identifier title }} }} {_PAGE}
    }}
    attachments(first: 50) @include(if: $attachments) {{ nodes {{ title url }} {_PAGE} }}
  }}
}}"""

ISSUE_CREATE: Final = f"""mutation IssueCreate($input: IssueCreateInput!) {{
  issueCreate(input: $input) {{ success issue {{ {_ISSUE} }} }}
}}"""

ISSUE_UPDATE: Final = f"""mutation IssueUpdate($id: String!, $input: IssueUpdateInput!) {{
  issueUpdate(id: $id, input: $input) {{ success issue {{ {_ISSUE} }} }}
}}"""

RELATION: Final = "query Relation($id: String!) { issueRelation(id: $id) { id } }"

RELATION_CREATE: Final = """mutation RelationCreate($input: IssueRelationCreateInput!) {
  issueRelationCreate(input: $input) { success issueRelation { id } }
}"""

COMMENT: Final = f"query Comment($id: String!) {{ comment(id: $id) {{ {_COMMENT} }} }}"

COMMENTS: Final = f"""query Comments($id: String!, $first: Int, $after: String) {{
  issue(id: $id) {{
    comments(first: $first, after: $after) {{ nodes {{ {_COMMENT} }} {_PAGE} }}
  }}
}}"""

COMMENT_CREATE: Final = f"""mutation CommentCreate($input: CommentCreateInput!) {{
  commentCreate(input: $input) {{ success comment {{ {_COMMENT} }} }}
}}"""

COMMENT_UPDATE: Final = f"""mutation CommentUpdate($id: String!, $input: CommentUpdateInput!) {{
  commentUpdate(id: $id, input: $input) {{ success comment {{ {_COMMENT} }} }}
}}"""

COMMENT_DELETE: Final = """mutation CommentDelete($id: String!) {
  commentDelete(id: $id) { success entityId }
}"""

PROJECTS: Final = f"""query Projects(
  $filter: ProjectFilter, $first: Int, $after: String, $includeArchived: Boolean
) {{
  projects(
    filter: $filter, first: $first, after: $after,
    orderBy: updatedAt, includeArchived: $includeArchived
  ) {{ nodes {{ {_PROJECT} }} {_PAGE} }}
}}"""

PROJECT: Final = f"""query Project($id: String!) {{
  project(id: $id) {{
    {_PROJECT} description content
    members(first: 50) {{ nodes {{ name email }} }}
    projectMilestones(first: 50) {{ nodes {{ id name targetDate }} }}
  }}
}}"""

PROJECT_CREATE: Final = f"""mutation ProjectCreate($input: ProjectCreateInput!) {{
  projectCreate(input: $input) {{ success project {{ {_PROJECT} }} }}
}}"""

PROJECT_UPDATE: Final = f"""mutation ProjectUpdate($id: String!, $input: ProjectUpdateInput!) {{
  projectUpdate(id: $id, input: $input) {{ success project {{ {_PROJECT} }} }}
}}"""

PROJECT_STATUSES: Final = """query ProjectStatuses {
  projectStatuses(first: 50) { nodes { id name type } }
}"""

CYCLES: Final = f"""query Cycles($filter: CycleFilter, $first: Int, $after: String) {{
  cycles(filter: $filter, first: $first, after: $after) {{
    nodes {{
      id number name startsAt endsAt progress isActive isNext isPrevious isPast team {{ id key }}
    }} {_PAGE}
  }}
}}"""

USERS: Final = f"""query Users(
  $filter: UserFilter, $first: Int, $after: String, $includeDisabled: Boolean
) {{
  users(filter: $filter, first: $first, after: $after, includeDisabled: $includeDisabled) {{
    nodes {{ {_USER} }} {_PAGE}
  }}
}}"""

LABEL: Final = f"query Label($id: String!) {{ issueLabel(id: $id) {{ {_LABEL} }} }}"

LABELS: Final = f"""query Labels($filter: IssueLabelFilter, $first: Int, $after: String) {{
  issueLabels(filter: $filter, first: $first, after: $after) {{ nodes {{ {_LABEL} }} {_PAGE} }}
}}"""

LABEL_CREATE: Final = f"""mutation LabelCreate($input: IssueLabelCreateInput!) {{
  issueLabelCreate(input: $input) {{ success issueLabel {{ {_LABEL} }} }}
}}"""

TEAMS: Final = f"""query Teams($first: Int, $after: String) {{
  teams(first: $first, after: $after) {{
    nodes {{ id key name states(first: 50) {{ nodes {{ id name type position }} }} }} {_PAGE}
  }}
}}"""
