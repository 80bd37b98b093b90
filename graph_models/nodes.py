"""A node is named ``kind:value`` everywhere: in the CLI, in links, in exports."""

from __future__ import annotations

from dataclasses import dataclass

from graph_models.errors import UsageError


@dataclass(frozen=True, order=True)
class NodeRef:
    """The readable name of one node, such as ``ip:192.0.2.7``; the value may itself hold colons."""

    kind: str
    value: str

    def __post_init__(self) -> None:
        if not self.kind or not self.value:
            raise UsageError(
                f"{str(self)!r} does not name a node.",
                fix="Write kind:value, for example account:acct_1 or ip:192.0.2.7.",
            )

    @classmethod
    def parse(cls, text: str) -> NodeRef:
        """Read ``kind:value``; raises UsageError when there is no colon or a part is empty."""
        kind, _, value = text.partition(":")
        return cls(kind, value)

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"
