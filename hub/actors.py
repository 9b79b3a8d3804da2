"""Who is asking or acting: one frozen value that doors make and services decide by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the hub. The first six are roles of users; keys of organizations and outlets have one."""

    CONTRIBUTOR = "contributor"
    CONFIRMER = "confirmer"
    EDITOR = "editor"
    OUTLET = "outlet"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"  # the worker and the operator's command line
    WORLD = "world"


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and where it reaches: an organization with all below it, an outlet, or everywhere (neither)."""

    role: Role
    organization_id: int | None = None
    outlet_id: int | None = None
    alone: bool = False  # this organization only (with those it came after), nothing below it
    deputy_for: int | None = None  # the user who is away and whose role it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody with grants; `key_id` names the key used, `address` an unguessable feed address.

    `organization_id` is the organization that the actor submits for, `given_id` the one the key was made for: they
    differ once that one has a successor.
    """

    name: str
    grants: tuple[Grant, ...]
    code: str = ""  # of the organization
    key_id: int | None = None
    user_id: int | None = None
    organization_id: int | None = None
    given_id: int | None = None
    outlet_id: int | None = None
    by_address: bool = False
    with_contacts: bool = True

    @property
    def roles(self) -> frozenset[Role]:
        """Every role the actor has somewhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def outlet_ids(self) -> frozenset[int]:
        """The outlets that the actor reads for."""
        return frozenset(grant.outlet_id for grant in self.reach({Role.OUTLET}) if grant.outlet_id is not None)

    @property
    def role(self) -> Role:
        """The first role, which names the actor where no story decides."""
        return self.grants[0].role

    @property
    def mark(self) -> str:
        """What the journal calls the actor where no story decides: role and row, never a name."""
        return f"{self.role.value}:{self.id}"

    @property
    def id(self) -> int | None:
        """The row behind the actor: a user, an organization, an outlet, or the editor's key."""
        return self.user_id or self.organization_id or self.outlet_id or self.key_id

    def reach(self, roles: Collection[Role]) -> tuple[Grant, ...]:
        """The actor's grants of these roles."""
        return tuple(grant for grant in self.grants if grant.role in roles)


WORLD = Actor(name="", grants=(Grant(Role.WORLD),))
SYSTEM = Actor(name="hub", grants=(Grant(Role.SYSTEM),))
