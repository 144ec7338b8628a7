"""A progress bar on standard error, for whoever watches; plain lines where nobody does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from rich.console import Console

    from fer_core.cli.audience.analyze import FileResult


class Bars:
    """The bar of the file that is worked on, and how many files are done."""

    def __init__(self, console: Console, files: int) -> None:
        self._console = console
        self._live = console.is_terminal
        self._files = files
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not self._live,
        )
        self._all = (
            self._progress.add_task("All files", total=files, rate="") if files > 1 else None
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, name: str) -> None:
        """A file's turn has come."""
        self._task = self._progress.add_task(name, total=None, rate="")

    def advance(self, done: int, total: int | None = None, message: str = "") -> None:
        """What an analysis calls after every frame."""
        if self._task is None or not self._live:
            return
        speed = self._progress.tasks[self._progress.task_ids.index(self._task)].speed
        rate = f"{speed:.0f} frames/s" if speed and total else message
        self._progress.update(self._task, completed=done, total=total, rate=rate)

    def end(self, result: FileResult) -> None:
        """A file is done, or has failed."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
        if self._all is not None:
            self._progress.advance(self._all)
        if not self._live and self._files > 1:
            self._console.print(f"{result.status:6} {result.path}", markup=False)


__all__ = ["Bars"]
