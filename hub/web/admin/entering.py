"""Who may do what in administration: within their part of the tree, or with the hub as a whole."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from hub.accounts import whole_hub
from hub.accounts.administration import ADMINS
from hub.actors import Actor, Role
from hub.http.services import services
from hub.web import visitors


def administrator() -> Actor:
    """The visitor, who has to be an administrator of some part: auditors only read. Raises NotFound."""
    return visitors.require(Role.ADMIN)


def administers_anything(actor: Actor) -> bool:
    """Does the visitor administer any part?"""
    return bool(actor.reach(ADMINS))


def require_whole(roles: Collection[Role] = ADMINS) -> Actor:
    """The visitor, who has to have one of these roles over the whole hub. Raises NotFound."""
    actor = visitors.require(*roles)
    with services().database.reading() as session:
        whole_hub.require(session, actor, roles, now=services().clock.now())
    return actor


def reaches_whole(session: Session, roles: Collection[Role] = ADMINS) -> bool:
    """Has the visitor one of these roles over the whole hub?"""
    return whole_hub.reaches(session, visitors.require(), roles, now=services().clock.now())
