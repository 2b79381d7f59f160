"""State machines as tables: one source that is enforced, drawn into the documentation and tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tradeshall.core.refusal import Refusal, refuse


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow: what somebody does, from which state, to which."""

    verb: str
    source: str
    target: str


class Transitions:
    """All arrows of one kind of thing; `thing` is the head of its refusal codes: `contests:round`."""

    def __init__(self, thing: str, initial: str, *arrows: tuple[str, str, str]) -> None:
        self.thing: Final = thing
        self.initial: Final = str(initial)
        self.arrows: Final = tuple(Transition(verb, str(source), str(target)) for verb, source, target in arrows)
        self._targets = {(arrow.verb, arrow.source): arrow.target for arrow in self.arrows}
        if len(self._targets) != len(self.arrows):
            raise ValueError(f"{thing}: two arrows of one name leave one state")

    def refuse_unless_possible(self, verb: str, state: str) -> Refusal | None:
        """Refuse with `<thing>:cannot_<verb>` unless an arrow of that name leaves the state."""
        if (verb, str(state)) in self._targets:
            return None
        return refuse(f"{self.thing}:cannot_{verb}", state=str(state))

    def sources(self, verb: str) -> list[str]:
        """Return the states from which a verb is possible: the condition of its conditional update."""
        found = [arrow.source for arrow in self.arrows if arrow.verb == verb]
        if not found:
            raise KeyError(f"{self.thing} has no arrow {verb}")
        return found

    def target(self, verb: str) -> str:
        """Return the state a verb leads to; every verb leads to one."""
        found = {arrow.target for arrow in self.arrows if arrow.verb == verb}
        (only,) = found
        return only

    def states(self) -> list[str]:
        """Return every state in the order of its first mention."""
        seen = dict.fromkeys([self.initial])
        for arrow in self.arrows:
            seen |= dict.fromkeys((arrow.source, arrow.target))
        return list(seen)

    def codes(self) -> list[str]:
        """Return the refusal codes this table can answer with."""
        return sorted({f"{self.thing}:cannot_{arrow.verb}" for arrow in self.arrows})

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {arrow.source} --> {arrow.target}: {arrow.verb}" for arrow in self.arrows]
        ends = set(self.states()) - {arrow.source for arrow in self.arrows}
        lines += [f"    {state} --> [*]" for state in self.states() if state in ends]
        return "\n".join(lines)
