"""The figures of one month, read from the tables of the feed."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

from vocpipe.feeds.month import queries

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Volume:
    """Count what became of the month's verbatims and opinions."""

    read: int
    analysed: int
    duplicates: int
    language: int
    no_content: int
    empty: int
    failed: int
    first_day: datetime.date | None
    last_day: datetime.date | None
    opinions: int
    negative: int
    positive: int
    mixed: int
    previous_analysed: int | None


@dataclass(frozen=True)
class Irritant:
    """Give an irritant's figures of the month; see the feed's dictionary for what each means."""

    irritant_id: str
    label: str
    theme: str | None
    step: str | None
    emotion: str | None
    status: str
    opinions: int
    verbatims: int
    share: float
    share_low: float | None
    share_high: float | None
    baseline: float | None
    q_value: float | None
    severity: float
    severity_pareto_share: float | None
    previous_rank: int | None
    previous_opinions: int | None
    resolved_since: str | None

    @property
    def change(self) -> float | None:
        """Return the share minus its baseline, null in the feed's first month."""
        return None if self.baseline is None else self.share - self.baseline

    def moves(self, threshold: float) -> int:
        """Return 1 when the share is above its baseline beyond chance, -1 when it is below, else 0."""
        if self.change is None or self.q_value is None or self.q_value >= threshold:
            return 0
        return (self.change > 0) - (self.change < 0)


@dataclass(frozen=True)
class Movement:
    """Tell what became of an irritant since the previous month."""

    movement: str
    irritant_id: str
    label: str
    opinions: int
    previous_opinions: int
    other: str | None


@dataclass(frozen=True)
class Alert:
    """Hold one alert, in a whole sentence of the language asked for."""

    alert: str
    level: str
    irritant_id: str | None
    message: str


@dataclass(frozen=True)
class Place:
    """Give the figures of a step, or of a phase when `step` is null."""

    phase: str | None
    phase_label: str | None
    step: str | None
    label: str | None
    opinions: int
    positive: int
    negative: int
    expressed: int
    net_sentiment: float | None
    emotion: str | None
    irritant_id: str | None
    irritant: str | None
    enchantment_id: str | None
    enchantment: str | None


@dataclass(frozen=True)
class Enchantment:
    """Give the figures of what pleases."""

    enchantment_id: str
    label: str
    step: str | None
    opinions: int
    share: float
    share_low: float | None
    share_high: float | None
    previous_share: float | None


@dataclass(frozen=True)
class Impact:
    """Give what one irritant or enchantment does to one rating."""

    period: str
    irritant_id: str
    kind: str
    label: str
    measure: str
    n_with: int
    n_without: int
    mean_with: float | None
    mean_without: float | None
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    effect: float | None
    effect_low: float | None
    effect_high: float | None
    enough: bool
    reason: str | None


@dataclass(frozen=True)
class Gap:
    """Compare what a promise aims at with what is lived."""

    promise: str
    label: str
    opinions: int
    positive_share: float | None
    target: float
    irritant_id: str | None
    irritant: str | None


@dataclass(frozen=True)
class Residual:
    """Count the opinions that fit no irritant, by the one they come closest to."""

    nearest: str | None
    opinions: int
    quote: str | None


@dataclass(frozen=True)
class Month:
    """Hold every figure of the report; `baseline_months` are those that shares are compared with, `scales` the declared ones, [worst, best]."""

    name: str
    is_first: bool
    is_last: bool
    baseline_months: tuple[str, ...]
    previous: str | None
    threshold: float
    impact_minimum: int
    scales: Mapping[str, Sequence[float]]
    volume: Volume
    irritants: tuple[Irritant, ...]
    movements: tuple[Movement, ...]
    alerts: tuple[Alert, ...]
    phases: tuple[Place, ...]
    steps: tuple[Place, ...]
    enchantments: tuple[Enchantment, ...]
    impacts: tuple[Impact, ...]
    gaps: tuple[Gap, ...]
    residuals: tuple[Residual, ...]

    @property
    def met(self) -> tuple[Irritant, ...]:
        """Return the irritants that somebody speaks of, the most severe first."""
        return tuple(irritant for irritant in self.irritants if irritant.opinions)


@dataclass(frozen=True)
class Settings:
    """Hold the settings that the report must know to say what its figures mean; `scales` are those declared for ratings, [worst, best]."""

    months: int
    threshold: float
    impact_minimum: int
    scales: Mapping[str, Sequence[float]] = field(default_factory=dict)


_Row = TypeVar("_Row")


def read_month(connection: "DuckDBPyConnection", months: list[str], name: str, language: str, settings: Settings) -> Month:
    """Return the figures of the month `name`, one of `months` (those with rows, oldest first); labels are in the language, French where it has none."""
    before = months[: months.index(name)]
    given = {"month": name, "previous": before[-1] if before else None}

    def rows(kind: type[_Row], query: str) -> tuple[_Row, ...]:
        names = ", ".join(column.name for column in fields(kind))  # type: ignore[arg-type]
        filled = query.replace("{language}", language)
        used = {key: value for key, value in given.items() if f"${key}" in filled}
        return tuple(kind(*row) for row in connection.execute(f"SELECT {names} FROM ({filled})", used).fetchall())

    (volume,) = rows(Volume, queries.VOLUME)
    return Month(
        name=name,
        is_first=not before,
        is_last=name == months[-1],
        baseline_months=tuple(before[-settings.months :]),
        previous=given["previous"],
        threshold=settings.threshold,
        impact_minimum=settings.impact_minimum,
        scales=settings.scales,
        volume=volume,
        irritants=rows(Irritant, queries.IRRITANTS),
        movements=rows(Movement, queries.MOVEMENTS),
        alerts=rows(Alert, queries.ALERTS),
        phases=rows(Place, queries.PHASES),
        steps=rows(Place, queries.STEPS),
        enchantments=rows(Enchantment, queries.ENCHANTMENTS),
        impacts=rows(Impact, queries.IMPACTS),
        gaps=rows(Gap, queries.GAPS),
        residuals=rows(Residual, queries.RESIDUALS),
    )
