"""For whom a request of our own language speaks: its key's bearer, or somebody else where the key is an admin's."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Request
from pydantic import Field

from pointsman.core.message import Origin
from pointsman.http.native import Wire, checked
from pointsman.http.origin import LONGEST_LABEL, OWN, SURFACE
from pointsman.http.scopes import bearer_of, needs

Label = Annotated[str, Field(max_length=LONGEST_LABEL)]
YES: Final = {"true": True, "1": True, "false": False, "0": False, "": False}


class OriginClaim(Wire):
    """Where a message came from, as its surface says it.

    `surface`, `user` and `guild` speak of somebody, which takes a key with the scope admin; the rest anybody may say.
    """

    surface: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_-]{0,31})?$")] = ""
    user: Label = ""
    channel: Label = ""
    session: Label = ""
    direct: bool = False
    guild: Label = ""


def origin_for(request: Request, claim: OriginClaim) -> Origin:
    """Where a request comes from. Raises ScopeMissing for a claim that its key may not make.

    A key that is no admin's speaks for its own bearer, http:key:NAME; what speaks without a key, or with an admin's,
    for whoever it says, and for the owner of this machine where it names nobody.
    """
    bearer = bearer_of(request)
    user = "" if bearer.may("admin") else f"{OWN}{bearer.name}"
    own = Origin(SURFACE, user=user, key=bearer.name)
    if (claim.surface or own.surface, claim.user or own.user, claim.guild) != (own.surface, own.user, ""):
        needs(request, "admin")
    return Origin(
        claim.surface or own.surface,
        user=claim.user or own.user,
        channel=claim.channel,
        session=claim.session,
        direct=claim.direct,
        guild=claim.guild,
        key=own.key,
    )


def origin_in_query(request: Request) -> Origin:
    """The same for a request without a body, whose claim stands behind the question mark. Raises BadField, too."""
    given = {name: request.query_params[name] for name in OriginClaim.model_fields if name in request.query_params}
    direct = given.pop("direct", "")
    return origin_for(request, checked(OriginClaim, {**given, "direct": YES.get(direct.lower(), direct)}))
