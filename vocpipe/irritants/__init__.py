"""Group negative opinions into irritants, and positive ones into enchantments, that keep their identifier for life."""

from vocpipe.irritants.assign import ASSIGNMENT_SCHEMA, assign
from vocpipe.irritants.candidates import Candidates, Kind, collect
from vocpipe.irritants.catalogue import CATALOGUE_SCHEMA, Catalogue, Irritant, Phrases
from vocpipe.irritants.growth import grow
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.irritants.starter import read_starter, starter_catalogue

__all__ = [
    "ASSIGNMENT_SCHEMA",
    "CATALOGUE_SCHEMA",
    "Candidates",
    "Catalogue",
    "Irritant",
    "IrritantSettings",
    "Kind",
    "Phrases",
    "assign",
    "collect",
    "grow",
    "read_starter",
    "starter_catalogue",
]
