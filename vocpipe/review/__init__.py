"""The review loop: pick the opinions to label next, hand them to people, and bring back what they correct."""

from vocpipe.review.exporting import ExportReport, export_review
from vocpipe.review.importing import ImportReport, import_review

__all__ = ["ExportReport", "ImportReport", "export_review", "import_review"]
