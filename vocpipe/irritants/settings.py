"""What a user may set about irritants, under `irritants:` in a run's YAML."""

from pydantic import BaseModel, ConfigDict, Field


class IrritantSettings(BaseModel):
    """Say how negative opinions are grouped into irritants.

    A *score* is how well an opinion fits an irritant, 1 at best: the cosine of its vector with the irritant's centroid, the agreement of their themes
    and of their words, averaged with `theme_weight` and `word_weight`. Enchantments, what customers like, are found by the same rules.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    starter: str | None = Field(default="starter", description="irritants known from the start: a name in configs/irritants, a YAML of one's own, or null")
    enchantments: str | None = Field(default="enchantments", description="the same for enchantments; null looks for none")
    min_size: int = Field(default=8, ge=2, description="fewest opinions that make a new irritant")
    take_up: int = Field(
        default=3, ge=1, description="fewest opinions in a month from which an irritant of the starter catalogue is taken up, whatever the volume"
    )
    min_share: float = Field(default=0.005, ge=0, le=1, description="the same as a share of the month's opinions; the larger of both counts")
    granularity: float = Field(
        default=20.0, gt=0, le=500, description="irritants looked for among 1,000 opinions; four times the opinions, twice the irritants"
    )
    theme_weight: float = Field(default=0.15, ge=0, le=0.5, description="share of the score given to having the same theme; what is left is the meaning")
    word_weight: float = Field(default=0.2, ge=0, le=0.4, description="share of the score given to having words in common")
    min_score: float = Field(default=0.54, ge=-1, le=1, description="score under which an opinion is never assigned, whatever the irritant")
    enchantment_score: float = Field(default=0.44, ge=-1, le=1, description="the same for enchantments, which examples place less sharply")
    residual: float = Field(
        default=0.1, ge=0, lt=1, description="share of the opinions searched for the first irritants that is left apart as fitting none of them"
    )
    same_score: float = Field(default=0.92, ge=-1, le=1, description="score from which two groups are one irritant")
    looseness: float = Field(default=1.1, ge=0, le=10, description="how much looser a new irritant may be than nine known ones in ten; 1 is as loose")
    phrase_score: float = Field(
        default=0.5, ge=-1, le=1, description="cosine of a group and a problem phrase of the model, from which the phrase may name the group"
    )
    evidence: int = Field(default=5, ge=0, le=50, description="quotes kept for each irritant in each batch")
    seed: int = Field(default=0, ge=0, description="draws the opinions that a very large batch is searched on")
