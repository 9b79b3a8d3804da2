"""A refusal as a page says it: one sentence above the form, and every fault beside its field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hub import i18n
from hub.errors import HubError
from hub.http import problems
from hub.http.language import asked_language


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a form was refused for: the sentence, its status, and the sentences of each field."""

    said: str = ""
    status: int = 200
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, *names: str) -> Sequence[str]:
        """What is said of a field, by any of its names."""
        return [text for name in names for text in self.fields.get(name, ())]


NOTHING = Refusal()


def refusal_of(refused: HubError) -> Refusal:
    """A refusal in the language of the page; a fault of `/used_on` is said of `used_on`, one of a list by its name."""
    language = asked_language()
    fields: dict[str, list[str]] = defaultdict(list)
    for fault in refused.faults:
        name = next((step for step in fault.pointer.split("/")[::-1] if step and not step.isdigit()), "")
        said = i18n.fault_sentence(fault, language)
        if said not in fields[name]:
            fields[name].append(said)
    said = i18n.sentence(refused.key, language, **refused.facts)
    return Refusal(said, problems.status_of(refused), fields)
