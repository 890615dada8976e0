"""Edit the irritants of a workspace by hand: propose, look at what would change on real opinions, apply, take back."""

from vocpipe.curation.applying import apply
from vocpipe.curation.desk import Desk, Signature, open_desk
from vocpipe.curation.making import merge, move, rename, reopen, resolve, split_by_meaning, split_by_words, undo
from vocpipe.curation.page import IrritantPage, decided, history, irritant_page
from vocpipe.curation.preview import Change, Preview, preview
from vocpipe.curation.ranking import Ranked, ranking
from vocpipe.curation.sharing import Arrivals, export_irritants, import_irritants

__all__ = [
    "Arrivals",
    "Change",
    "Desk",
    "IrritantPage",
    "Preview",
    "Ranked",
    "Signature",
    "apply",
    "decided",
    "export_irritants",
    "history",
    "import_irritants",
    "irritant_page",
    "merge",
    "move",
    "open_desk",
    "preview",
    "ranking",
    "rename",
    "reopen",
    "resolve",
    "split_by_meaning",
    "split_by_words",
    "undo",
]
