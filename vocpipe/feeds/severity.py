"""How much an irritant weighs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_Weight = Annotated[float, Field(ge=0)]


class SeverityWeights(BaseModel):
    """Weigh what makes an irritant severe; with weights that sum to 1, severity is between 0 and 100.

    severity = 100 × share × (intensity × mean(|sentiment| / 2) + anger × anger_share + effort × effort_share + churn × churn_share)

    `share` is the irritant's share of the verbatims analysed in the month; the other shares, and the mean, are over the irritant's opinions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intensity: _Weight = Field(default=0.4, description="how negative its opinions are")
    anger: _Weight = Field(default=0.3, description="share of its opinions with anger or disgust (colere, degout)")
    effort: _Weight = Field(default=0.15, description="share of its opinions that report an effort")
    churn: _Weight = Field(default=0.15, description="share of its opinions that leave or threaten to")

    def macro(self) -> str:
        """Return the formula as the SQL macro `severity(share, intensity, anger, effort, churn)`; a factor that is null counts as zero."""
        terms = " + ".join(f"{weight!r}::DOUBLE * coalesce({name}, 0)" for name, weight in self)
        return f"CREATE TEMP MACRO severity(share, {', '.join(type(self).model_fields)}) AS 100 * share * ({terms})"
