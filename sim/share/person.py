"""Who somebody is to this app, by what the sign-in says of them and what its host has set. Roles, and what each may do.

The host's settings, a section of the secrets:

    [access]
    organisation = "Example Ltd"          # of everybody; without it by claim or by the e-mail address's domain
    organisation_claim = "org"
    role_claim = "roles"

    [access.roles]
    "ann@example.com" = "owner"           # one person: goes before a claim and a domain
    "@example.com" = "planner"            # a domain: whoever no table and no claim says more of
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Role = Literal["viewer", "planner", "owner"]
Action = Literal["look", "comment", "bring", "move", "save", "share", "roles", "retention", "delete", "audit"]
"""look: open links and pages. bring: put files of one's own in use. move: change plans and assumptions. roles: see who
has which. retention, delete: how long books are kept, and their deletion. audit: read who did what."""

ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most."""
_ADDED: dict[Role, frozenset[Action]] = {
    "viewer": frozenset({"look", "comment"}),
    "planner": frozenset({"bring", "move", "save", "share"}),
    "owner": frozenset({"roles", "retention", "delete", "audit"}),
}


@dataclass(frozen=True)
class Person:
    """email: lower case; "local" for whoever sits at the machine, "guest" for anybody where samples are open to all.
    organisation: scenarios are private to it; empty for these two, who are one each by themselves."""

    email: str
    organisation: str
    role: Role

    def may(self, action: Action) -> bool:
        """Each role may do what those before it may, and its own."""
        return any(action in _ADDED[role] for role in ROLES[: ROLES.index(self.role) + 1])


LOCAL = Person("local", "", "owner")
GUEST = Person("guest", "", "viewer")
_THEIRS = (LOCAL.email, GUEST.email)
"""Organisations of those who have not signed in."""


def person_of(claims: Mapping[str, Any], rules: Mapping[str, Any]) -> Person | str:
    """The person that the claims of an identity token are about, or a sentence that says why nobody is let in.

    claims: of a token whose signature was checked. rules: the section ``access`` of the host's settings. Only the claim
    ``email`` counts as an address: others may be chosen freely by their bearers.
    """
    email = str(claims.get("email") or "").strip().lower()
    name, _, domain = email.rpartition("@")
    if not name or not domain:
        return "Your account has no e-mail address that this app can know you by: sign in with another one."
    if "email_verified" in claims and str(claims["email_verified"]).lower() != "true":
        return f"The e-mail address {email} is not confirmed yet: confirm it where you sign in, then come back."
    role = _role(email, f"@{domain}", claims, rules)
    if role is None:
        return f"{email} is not known here: ask an owner of this app to let you in."
    if named := rules.get("organisation"):
        return Person(email, str(named), role)
    organisation = str(claims.get(str(rules.get("organisation_claim", ""))) or domain)
    if organisation in _THEIRS:
        return f"Nobody who signs in can be of the organisation {organisation}: ask an owner of this app to name yours."
    return Person(email, organisation, role)


def _role(email: str, domain: str, claims: Mapping[str, Any], rules: Mapping[str, Any]) -> Role | None:
    """None for unknown people, and where the host's own word is none of the roles."""
    table = rules.get("roles")
    named = {str(who).lower(): word for who, word in table.items()} if isinstance(table, Mapping) else {}
    if email in named:
        return _most([named[email]])
    claimed = claims.get(str(rules.get("role_claim", "")))
    words = claimed if isinstance(claimed, list | tuple) else [claimed]
    return _most(words) or _most([named.get(domain)])


def _most(words: Iterable[object]) -> Role | None:
    return max((role for role in ROLES if role in words), key=ROLES.index, default=None)
