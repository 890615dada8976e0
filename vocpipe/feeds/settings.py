"""What a user may set about the feed, under `feed:` in a run's YAML."""

from pydantic import BaseModel, ConfigDict, Field

from vocpipe.feeds.promise import Promise
from vocpipe.feeds.severity import SeverityWeights


class TrendSettings(BaseModel):
    """Say what a month's share of an irritant is compared with, and when the difference is beyond chance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    months: int = Field(default=6, ge=1, le=60, description="months before that are pooled into the baseline; fewer at the start of the feed")
    q: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="an irritant rises, falls or emerges when its q-value is under this: the share of false alarms accepted among a month's",
    )
    average: int = Field(default=3, ge=1, le=60, description="months of the moving average, this one included")


class AlertSettings(BaseModel):
    """Say when a month deserves an alert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_verbatims: int = Field(default=15, ge=1, description="fewest verbatims of the irritant in the month, whatever the alert")
    change: float = Field(default=0.5, ge=0, description="relative change of the share from the baseline, beyond chance: 0.5 is half as much again")
    anger: float = Field(default=0.75, gt=0, le=1, description="share of the irritant's verbatims of the month that express anger or disgust about it")
    churn: float = Field(default=0.4, gt=0, le=1, description="share of the irritant's verbatims of the month that leave, or threaten to, over it")
    residual: float = Field(default=0.15, gt=0, le=1, description="share of the month's opinions naming a problem that fit no irritant")


class ImpactSettings(BaseModel):
    """Say how the impact of irritants and enchantments on ratings is estimated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_verbatims: int = Field(
        default=30, ge=2, description="fewest rated verbatims with it, and without it, for an estimate; below, 'not enough data' is said"
    )
    resamples: int = Field(default=500, ge=100, le=10_000, description="bootstrap resamples of the verbatims, for the 95 % intervals")
    seed: int = Field(default=0, ge=0, description="draws the resamples")


class FeedSettings(BaseModel):
    """Set up the tables for dashboards. In a run's YAML, `promise` names the file of the brand's promises; here it holds them, none by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: str = Field(default="ekman", description="way to roll the nine emotions up into six: ekman or cx")
    severity: SeverityWeights = Field(default_factory=SeverityWeights, description="weights of severity")
    trends: TrendSettings = Field(default_factory=TrendSettings, description="what a month is compared with")
    alerts: AlertSettings = Field(default_factory=AlertSettings, description="what deserves an alert")
    impact: ImpactSettings = Field(default_factory=ImpactSettings, description="impact on ratings")
    promise: tuple[Promise, ...] = Field(default=(), description="promises of the brand")
