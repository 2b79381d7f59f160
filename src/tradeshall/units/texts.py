"""What people read about units and grants."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tradeshall.core.authority import Role
from tradeshall.units.enums import UnitKind

Text = str | Promise

KINDS: dict[str, Text] = {
    UnitKind.FEDERATION.value: _("Federation"),
    UnitKind.INDUSTRY_UNION.value: _("Industry union"),
    UnitKind.REGIONAL.value: _("Regional federation"),
    UnitKind.BRANCH.value: _("Branch"),
    UnitKind.GROUP.value: _("Group"),
}

ROLES: dict[str, Text] = {
    Role.ADMINISTRATOR.value: _("Administrator"),
    Role.ORGANISER.value: _("Organiser"),
    Role.ITEM_EDITOR.value: _("Item editor"),
    Role.AUDITOR.value: _("Auditor"),
    Role.MEMBER.value: _("Member"),
}

COLUMNS: dict[str, Text] = {
    "code": _("Code"),
    "name": _("Name in full"),  # of a unit, and of a person in a roster file
    "parent_code": _("Parent code"),
    "kind": _("Kind"),
    "name_en": _("English name"),
    "industry": _("Industry"),
}

TEXTS: dict[str, Text] = {
    "units:federation:exists": _("There is a federation already."),
    "units:federation:no_such_zone": _("There is no time zone “%(zone)s”."),
    "units:federation:missing": _("There is no federation yet."),
    "units:unit:not_yours": _("You may not do that in this unit."),
    "units:unit:code_malformed": _("“%(code)s” cannot be a code: letters, digits, - _ . / only, at most 40."),
    "units:unit:code_taken": _("There is a unit with the code %(code)s already."),
    "units:unit:name_malformed": _("A name has 1 to %(most)s characters."),
    "units:unit:text_too_long": _("This has more than %(most)s characters."),
    "units:unit:kind_unknown": _("“%(kind)s” is not a kind of unit."),
    "units:unit:one_federation": _("Only the root of the tree is a federation, and it stays one."),
    "units:unit:too_deep": _("The tree would be deeper than %(most)s levels."),
    "units:unit:cycle": _("The unit would stand beneath itself: %(chain)s."),
    "units:unit:ended": _("The unit %(code)s has ended."),
    "units:unit:beneath_itself": _("A unit cannot stand beneath itself or beneath what is beneath it."),
    "units:unit:root_stays": _("The federation itself can be neither moved nor ended."),
    "units:unit:ends_before_it_begins": _("A unit ends after it begins."),
    "units:unit:has_children": _("%(count)s units beneath it have not ended."),
    "units:import:code_twice": _("The code %(code)s stands in the file more than once, on lines %(lines)s."),
    "units:import:no_parent": _(
        "There is no unit with the code %(code)s, neither in the file nor in your part of the tree."
    ),
    "units:import:zeros_lost": _("There is no unit with the code %(code)s, but there is %(meant)s."),
    "units:import:parent_refused": _("The unit above it, on line %(line)s, is refused."),
    "units:import:parent_missing": _("Only the federation stands beneath no other unit, and its code is %(code)s."),
    "units:import:outside": _("This is not in your part of the tree."),
    "units:import:not_yours": _("You may not import units."),
    "units:grant:not_yours": _("Only an administrator of this unit or of one above it may give or end roles."),
    "units:grant:held_already": _("This account holds this role in this unit already."),
    "units:grant:role_not_given": _("This role is not given; it follows from a membership."),
    "units:grant:ends_in_the_past": _("A role ends in the future."),
    "units:grant:ended_already": _("This role has ended already."),
    "units:grant:last_administrator": _("The federation would be left without an administrator."),
}

ADVICE: dict[str, Text] = {
    "units:unit:code_malformed": _("Use the code under which the unit is kept elsewhere."),
    "units:unit:kind_unknown": _(
        "Write 总工会, 产业工会, 地方工会, 基层工会 or 工会小组, or the English code of the kind."
    ),
    "units:unit:too_deep": _("Check the parent codes above this row."),
    "units:unit:cycle": _("Correct one of these parent codes."),
    "units:unit:ended": _("Choose a unit that has not ended."),
    "units:import:code_twice": _("Keep one of these rows."),
    "units:import:no_parent": _("Check the parent code, or add a row for the unit."),
    "units:import:zeros_lost": _("The spreadsheet program dropped the leading zeros; set the column to “Text”."),
    "units:import:parent_refused": _("Correct that row first."),
    "units:import:parent_missing": _("Fill in the parent code."),
    "units:import:outside": _("Leave this row to the unit above."),
    "units:grant:last_administrator": _("Give the role to somebody else first."),
}

VERBS: dict[str, Text] = {
    "units:federation:found": _("Federation founded"),
    "units:unit:add": _("Unit added"),
    "units:unit:rename": _("Unit renamed"),
    "units:unit:move": _("Unit moved"),
    "units:unit:end": _("Unit ended"),
    "units:unit:import_add": _("Added from a file"),
    "units:unit:import_change": _("Changed from a file"),
    "units:grant:give": _("Role given"),
    "units:grant:end": _("Role ended"),
}
"""The words for what the journal says was done."""
