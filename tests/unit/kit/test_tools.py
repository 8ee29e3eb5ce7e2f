from pydantic import BaseModel, ConfigDict

from kit.tools import ADDS, READ_ONLY, Tools


class Saved(BaseModel):
    title: str


class Save(BaseModel):
    """Many arguments, as one model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    rank: int = 0


async def test_a_tool_that_takes_one_model_has_that_models_fields_as_its_arguments() -> None:
    tools: Tools[str] = Tools("acme")

    @tools.native(title="Save", hint=ADDS)
    async def acme_save(deps: str, given: Save) -> Saved:
        """Save it."""
        return Saved(title=f"{deps} {given.title} {given.rank}")

    (tool,) = tools

    assert set(tool.input_schema["properties"]) == {"title", "rank"}
    assert await tool.call("by", Save(title="this", rank=2)) == Saved(title="by this 2")


async def test_a_tool_that_takes_parameters_has_them_as_its_arguments() -> None:
    tools: Tools[str] = Tools("acme")

    @tools.native(title="Get", hint=READ_ONLY)
    async def acme_get(deps: str, title: str) -> Saved:
        """Get it."""
        return Saved(title=f"{deps} {title}")

    (tool,) = tools
    given = tool.arguments.model_validate({"title": "this"})

    assert tool.input_schema["required"] == ["title"]
    assert await tool.call("by", given) == Saved(title="by this")
