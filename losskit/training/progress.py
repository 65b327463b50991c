"""A progress bar on standard error: epoch, loss, validation loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(epochs: int) -> Iterator[Callable[[int, float, float | None], None]]:
    """A bar over epochs; call what it gives with (epoch, loss, validation loss)."""
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=epochs)

        def show(epoch: int, loss: float, validation: float | None) -> None:
            text = f"loss {loss:.4g}" + ("" if validation is None else f", validation {validation:.4g}")
            progress.update(task, completed=epoch, description=text)

        yield show
