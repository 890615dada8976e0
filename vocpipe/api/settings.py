"""What a person may choose about the service."""

from pydantic import BaseModel, ConfigDict, Field


class ApiSettings(BaseModel):
    """Choose how much one client may ask, and how much the service does at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: float = Field(default=50, gt=0, description="requests a second that one key, or one address without a key, may make over time")
    burst: int = Field(default=200, ge=1, description="requests that it may make at once")
    default_limit: int = Field(default=100, ge=1, description="rows of an answer when the request does not tell")
    max_limit: int = Field(default=10_000, ge=1, description="most rows of one answer")
    readers: int = Field(default=8, ge=1, le=64, description="queries done at the same time")
    cache_mib: int = Field(default=64, ge=1, description="memory for answers already given, in MiB")
    require_key: bool = Field(default=False, description="refuse every request without a key even when no key was made")
