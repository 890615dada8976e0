"""Group negative opinions into irritants that keep their identifier."""

from vocpipe.irritants.assign import ASSIGNMENT_SCHEMA, BatchIrritants, IrritantReport, assign_batch
from vocpipe.irritants.catalogue import CATALOGUE_SCHEMA, Catalogue, Irritant, Phrases
from vocpipe.irritants.settings import IrritantSettings

__all__ = [
    "ASSIGNMENT_SCHEMA",
    "CATALOGUE_SCHEMA",
    "BatchIrritants",
    "Catalogue",
    "Irritant",
    "IrritantReport",
    "IrritantSettings",
    "Phrases",
    "assign_batch",
]
