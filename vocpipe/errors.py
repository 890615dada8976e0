"""Errors that a user can act on: what is wrong, where, and how to fix it."""

import difflib
from collections.abc import Iterable


class VocpipeError(Exception):
    """Report a user's mistake or a broken input with the way out.

    `message` says what is wrong and where; `hint` says how to fix it. The command line prints both and exits with 2.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type["VocpipeError"], tuple[str, str]]:
        """Survive the way back from a worker process."""
        return type(self), (self.message, self.hint)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class ConfigError(VocpipeError):
    """A configuration or a command-line argument does not fit."""


class InputError(VocpipeError):
    """An input file cannot be read as a whole (single bad rows go to quarantine instead)."""


class WorkspaceError(VocpipeError):
    """A workspace is locked, was made with other settings, or cannot be written."""


class ModelError(VocpipeError):
    """A model is missing, does not match its card, or does not fit the configuration."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" for the closest known name, or the list of valid names."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return "valid: " + ", ".join(names)
