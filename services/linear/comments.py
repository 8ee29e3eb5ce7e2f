"""The jobs on comments: add, change, delete."""

from typing import Literal

from kit.errors import Invalid, NotFound
from services.linear.arguments import CommentOn
from services.linear.client import Json, LinearClient
from services.linear.errors import VENDOR
from services.linear.models.issues import Comment
from services.linear.writes import Outcome, client_id, create_once, repeat

Done = Literal["created", "existing", "updated", "deleted", "absent"]


class Comments:
    """What is done with comments on issues.

    Args:
        client: Linear.
    """

    def __init__(self, client: LinearClient) -> None:
        self._client = client

    async def add(
        self, issue: str, body: str, key: str, reply_to: str | None = None
    ) -> tuple[Comment, Outcome]:
        """Return the new comment and whether this call made it."""
        uuid = client_id("comment", key)
        comment: Json = {"id": uuid, "issueId": issue, "body": body}
        if reply_to is not None:
            comment["parentId"] = reply_to
        try:
            return await create_once(
                lambda: self._client.create_comment(comment),
                lambda: self._client.comment(uuid),
                hint=f"read the comments of {issue} to see, {repeat(key)}",
            )
        except NotFound as error:
            where = issue if reply_to is None else f"{issue} or no comment {reply_to} on it"
            raise NotFound(f"Linear has no issue {where}", provider=VENDOR) from error

    async def save(self, given: CommentOn) -> tuple[Comment | None, Done]:
        """Add, change or delete a comment; return it and what was done."""
        wrong = _misused(given)
        if wrong is not None:
            raise wrong
        if given.issue is not None and given.body is not None:
            return await self.add(given.issue, given.body, given.idempotency_key, given.reply_to)
        native = str(given.comment)
        if given.body is not None:
            changed = await self._client.update_comment(native, given.body)
            return changed or await self._client.comment(native), "updated"
        try:
            await self._client.delete_comment(native)
        except NotFound:
            return None, "absent"
        return None, "deleted"


def _misused(given: CommentOn) -> Invalid | None:
    """Return what is wrong with the combination of arguments, if anything."""
    if (given.issue is None) == (given.comment is None):
        message, field = "give either issue (to add) or comment (to change or delete)", "issue"
    elif given.delete == (given.body is not None):
        message, field = "give either body or delete", "body"
    elif given.delete and given.issue is not None:
        message, field = "delete wants the comment's id", "comment"
    elif given.reply_to is not None and given.issue is None:
        message, field = "reply_to goes with issue: a reply is a new comment", "reply_to"
    else:
        return None
    return Invalid(message, provider=VENDOR, field=field)
