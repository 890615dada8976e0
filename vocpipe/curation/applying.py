"""Put an edit into the log, and bring the workspace up to it."""

from vocpipe import runs
from vocpipe.batch import OnProgress
from vocpipe.curation.desk import Desk
from vocpipe.irritants.edit_log import append
from vocpipe.irritants.edits import Edit
from vocpipe.workspace import writer


def apply(desk: Desk, edit: Edit, on_progress: OnProgress | None = None) -> None:
    """Write an edit to the log and give every opinion of the workspace its irritant again, feed included.

    A kill in between loses nothing: the log holds the edit, and the next command or run applies it.
    Raises `WorkspaceError` when somebody else writes in the workspace, or edited it meanwhile.
    """
    with writer(desk.workspace.path, desk.workspace.settings):
        append(desk.path, edit, desk.known)
    runs.regroup(desk.workspace.path, on_progress)
