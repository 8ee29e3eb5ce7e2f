"""The tools of one service: declared beside their functions, served by ``kit.server``.

A tool is a border: validated arguments, a typed result, no logic. Two decorators
declare them::

    tools: Tools[Deps] = Tools("linear")


    @tools.serves(tasks.SEARCH)
    async def search(deps: Deps, arguments: tasks.Search) -> tasks.TaskPage: ...


    @tools.native(title="Get an issue", hint=READ_ONLY)
    async def linear_get_issue(
        deps: Deps, issue: Annotated[str, Field(description="ENG-12 or the UUID")]
    ) -> Issue:
        '''Read one issue; this sentence is what the model reads to choose the tool.'''
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from kit.contract.operation import Operation, Safety
from kit.schema import arguments_schema, outline, result_schema

DepsT = TypeVar("DepsT")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a client may assume of a tool (MCP ToolAnnotations); it must be true.

    Attributes:
        read_only: It changes nothing.
        destructive: It can overwrite or remove what was there.
        idempotent: Doing it twice with the same arguments is as doing it once.
    """

    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False


READ_ONLY = Hint(read_only=True, idempotent=True)
ADDS = Hint()
CHANGES = Hint(destructive=True, idempotent=True)


@dataclass(frozen=True, slots=True)
class Tool(Generic[DepsT]):
    """One tool: what a client sees, and what runs."""

    name: str
    title: str
    description: str
    hint: Hint
    arguments: type[BaseModel]
    result: type[BaseModel]
    call: Callable[[DepsT, Any], Awaitable[BaseModel]]
    operation: Operation | None
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]


class Tools(Generic[DepsT]):
    """The tools of one service, by name, in the order of declaration.

    Args:
        server: The server's name; a native tool's name starts with it.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self._tools: dict[str, Tool[DepsT]] = {}

    def __iter__(self) -> Iterator[Tool[DepsT]]:
        return iter(self._tools.values())

    def get(self, name: str) -> Tool[DepsT] | None:
        """Return the tool called *name*, if there is one."""
        return self._tools.get(name)

    def serves(
        self, operation: Operation
    ) -> Callable[[Callable[[DepsT, Any], Awaitable[Any]]], Callable[[DepsT, Any], Awaitable[Any]]]:
        """Declare that the decorated function serves *operation* of the contract.

        Its output schema is an outline, less ``providers`` (the gateway writes those): the
        contract has the whole, and models pay for what a tool list says twice.
        """
        read = operation.safety is Safety.READ
        hint = Hint(
            read_only=read,
            destructive=operation.destructive,
            idempotent=read or operation.safety is Safety.IDEMPOTENT,
        )

        def declare(
            function: Callable[[DepsT, Any], Awaitable[Any]],
        ) -> Callable[[DepsT, Any], Awaitable[Any]]:
            self._add(
                Tool(
                    name=operation.tool,
                    title=operation.title,
                    description=operation.description,
                    hint=hint,
                    arguments=operation.arguments,
                    result=operation.result,
                    call=function,
                    operation=operation,
                    input_schema=arguments_schema(operation.arguments),
                    output_schema=outline(
                        operation.result, depth=2 if read else 1, leave_out=("providers",)
                    ),
                )
            )
            return function

        return declare

    def native(
        self, *, title: str, hint: Hint
    ) -> Callable[[Callable[..., Awaitable[Any]]], Callable[..., Awaitable[Any]]]:
        """Declare a tool of the vendor's own; its name is the function's.

        The function takes the deps first, then its arguments, annotated, or one model of
        them where they are many; its docstring is the description, its return annotation
        the output model.
        """

        def declare(function: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
            whole = _one_model(function)
            model = whole or _arguments_of(function)
            hints = get_type_hints(function, include_extras=True)

            async def call(deps: DepsT, arguments: BaseModel) -> BaseModel:
                given = {name: getattr(arguments, name) for name in model.model_fields}
                answer: BaseModel = await function(deps, **given)
                return answer

            self._add(
                Tool(
                    name=function.__name__,
                    title=title,
                    description=inspect.cleandoc(function.__doc__ or ""),
                    hint=hint,
                    arguments=model,
                    result=hints["return"],
                    call=call if whole is None else function,
                    operation=None,
                    input_schema=arguments_schema(model),
                    output_schema=result_schema(hints["return"]),
                )
            )
            return function

        return declare

    def _add(self, tool: Tool[DepsT]) -> None:
        if tool.name in self._tools:
            raise ValueError(f"{self.server}: tool {tool.name} is declared twice")
        if tool.operation is None and not tool.name.startswith(f"{self.server}_"):
            raise ValueError(f"{self.server}: tool {tool.name} must start with {self.server}_")
        self._tools[tool.name] = tool


def _one_model(function: Callable[..., Any]) -> type[BaseModel] | None:
    """Return the model that *function* takes after the deps, if it takes just that."""
    names = list(inspect.signature(function).parameters)[1:]
    if len(names) != 1:
        return None
    kind = get_type_hints(function)[names[0]]
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _arguments_of(function: Callable[..., Any]) -> type[BaseModel]:
    """Return a model of *function*'s parameters after the first; unknown ones are refused."""
    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    fields: dict[str, Any] = {
        each.name: (hints[each.name], ... if each.default is each.empty else each.default)
        for each in parameters
    }
    name = "".join(part.title() for part in function.__name__.split("_"))
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), **fields)
