"""Issues of one text, gathered: each kind once, with its first place and how often it came."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from textmusic.errors import Issue, Severity

__all__ = ["Complaints"]

_MOST_KINDS = 200


@dataclass
class Complaints:
    """What was wrong with a text or had no place, in the order of the first places."""

    found: dict[tuple[str, str], tuple[Issue, int]] = field(default_factory=dict)

    def add(
        self,
        code: str,
        message: str,
        offset: int = 0,
        length: int = 1,
        severity: Severity = "error",
    ) -> None:
        """Note one complaint; of equal ones only the first place is kept."""
        key = (code, message)
        if key in self.found:
            issue, count = self.found[key]
            self.found[key] = (issue, count + 1)
        elif len(self.found) < _MOST_KINDS:
            self.found[key] = (Issue(f"alphatex.{code}", message, offset, length, severity), 1)

    def issues(self) -> tuple[Issue, ...]:
        """Return the issues, sorted by place."""
        counted = (
            issue if count == 1 else replace(issue, message=f"{issue.message} ({count} times)")
            for issue, count in self.found.values()
        )
        return tuple(sorted(counted, key=lambda issue: issue.offset))
