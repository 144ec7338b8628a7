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

from fer_core.text import shorten, wait

if TYPE_CHECKING:
    from rich.console import Console

    from fer_core.batch.run import Outcome
    from fer_core.batch.run import Progress as BatchProgress
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


class BatchBars:
    """One bar over a whole batch, and one for each recording that is worked on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[rate]}"),
            console=console,
            transient=True,
            disable=not self._live,
        )
        self._all = self._progress.add_task("All recordings", total=1.0, rate="")
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, now: BatchProgress) -> None:
        """How far the batch is."""
        if not self._live:
            return
        parts = [f"{now.over:,} of {now.total:,}"]
        parts += [f"{now.rate:.0f} frames/s"] if now.rate else []
        parts += [wait(now.left_s)] if now.left_s is not None and now.over < now.total else []
        self._progress.update(self._all, completed=now.share, rate=" · ".join(parts))
        running = {str(step.session_id): (step, state) for step, state in now.running}
        for gone in self._tasks.keys() - running.keys():
            self._progress.remove_task(self._tasks.pop(gone))
        for key, (step, state) in running.items():
            if key not in self._tasks:
                name = shorten(step.recording.path.name, 32)
                self._tasks[key] = self._progress.add_task(name, total=None, rate="")
            rate = f"{state.rate:.0f} frames/s" if state.rate else state.message
            self._progress.update(
                self._tasks[key], completed=state.done, total=state.total, rate=rate
            )

    def end(self, outcome: Outcome) -> None:
        """A recording is over; where nobody watches bars, a line says so."""
        if not self._live:
            line = f"{outcome.status:7} {outcome.step.recording.path}"
            self._console.print(line, markup=False, soft_wrap=True)


__all__ = ["Bars", "BatchBars"]
