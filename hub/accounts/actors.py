"""Who is asking or acting: one frozen value that doors make and services decide by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the hub."""

    ORGANIZATION = "organization"
    EDITOR = "editor"
    OUTLET = "outlet"
    SYSTEM = "system"  # the worker and the operator's command line
    WORLD = "world"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody with a role; `key_id` names the key used, `address` an unguessable feed address."""

    role: Role
    name: str
    code: str = ""  # of an organization
    key_id: int | None = None
    organization_id: int | None = None
    outlet_id: int | None = None
    by_address: bool = False
    with_contacts: bool = True

    @property
    def id(self) -> int | None:
        """The row behind the role: an organization, an outlet, or the editor's key."""
        return self.organization_id or self.outlet_id or self.key_id


WORLD = Actor(role=Role.WORLD, name="")
SYSTEM = Actor(role=Role.SYSTEM, name="hub")
