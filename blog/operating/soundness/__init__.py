"""Whether the site is sound: what runs (`running`, asked every few seconds) and what is stored (`stored`, `files`,
asked by an operator, who may have it mended). Each check looks at one thing and gives findings with a way out."""

from .examining import examine
from .finding import Finding, State
from .running import readiness

__all__ = ["Finding", "State", "examine", "readiness"]
