"""Show how training goes on: a bar with the time left, and a line after every epoch."""

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


class Display:
    """Show the rows that training reports, on the error stream; used as `with Display("fine-tuning") as report`."""

    def __init__(self, title: str, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[told]}"))
        self._progress = Progress(*columns, console=self._console)
        self.seconds = 0.0
        """How long what is shown has worked, over all runs of it, as far as the rows tell."""
        self._task = self._progress.add_task(title, total=1.0, told="")

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._progress.update(self._task, completed=1.0, told=f"done in {duration(self.seconds)}" if self.seconds else "done")
        self._progress.stop()

    def __call__(self, row: dict[str, Any]) -> None:
        """Show a row: one with `progress` moves the bar, any other is printed."""
        self.seconds = row.get("seconds", self.seconds)
        if "progress" not in row:
            self._progress.console.print(line_of(row), soft_wrap=True, highlight=False)
            return
        told = "  ".join(f"{name} {value:.3f}" for name, value in row.items() if isinstance(value, float) and name not in ("progress", "seconds", "left"))
        self._progress.update(self._task, completed=row["progress"], told=f"{told}  {duration(row['left'])} left")


def line_of(row: dict[str, Any]) -> str:
    """Return a row of figures as a line."""
    return "  ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items())


def duration(seconds: float) -> str:
    """Return a time as people say it: `45 s`, `12 min`, `3 h 05`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"
