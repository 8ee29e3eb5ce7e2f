"""What a person sees while the fleet starts."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli import show


class Starting:
    """A line for each process: moving on a terminal, else printed once it is ready.

    Args:
        names: The processes.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._left = list(names)
        self._total = len(self._left)
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        if show.err().is_terminal:
            self._bars = Progress(
                SpinnerColumn(finished_text="[green]ok[/]"),
                TextColumn("{task.description}"),
                TimeElapsedColumn(),
                console=show.err(),
            )
            self._tasks = {name: self._bars.add_task(name, total=1) for name in names}

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._bars is not None:
            self._bars.start()
        else:
            show.note(f"starting {', '.join(self._left)}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave what is shown as it is."""
        if self._bars is not None:
            self._bars.stop()

    def ready(self, name: str, seconds: float) -> None:
        """Say that *name* is ready."""
        self._left.remove(name)
        if self._bars is not None:
            self._bars.update(self._tasks[name], completed=1)
        else:
            done = self._total - len(self._left)
            show.note(f"{name} ready after {seconds:.1f} s ({done} of {self._total})")
