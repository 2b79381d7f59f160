"""What refusals of people say, and the words for roles, purposes and states."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tradeshall.core.authority import Role
from tradeshall.people.enums import ConsentPurpose, MembershipState

TEXTS = {
    "people:account:nothing_opens": _(
        "This phone does not open that line of the roster any more. Start again, or ask your unit's organiser."
    ),
    "people:account:password_weak": _("Choose another password. %(reasons)s"),
    "people:account:has_role": _(
        "You still hold a role in a unit. Ask an administrator to end it first; then your account can be erased."
    ),
    "people:member:not_yours": _("You may not change the roster of that unit."),
    "people:member:number_malformed": _(
        "“%(number)s” cannot be a member number. Use letters and digits, dots and dashes, at most 32, no spaces."
    ),
    "people:member:number_taken": _("Another person has the member number %(number)s. Numbers are unique."),
    "people:member:name_malformed": _("Enter the name, at most %(most)s characters."),
    "people:member:phone_malformed": _("“%(phone)s” is not a phone number. Enter digits only, such as 13800138000."),
    "people:member:joins_in_future": _("The day of joining, %(day)s, has not come yet."),
    "people:member:unit_ended": _("That unit has ended. Choose another unit."),
    "people:member:unit_has_members": _("%(count)s people are still members of the unit. End or move them first."),
    "people:member:ended_already": _("This membership ended on %(day)s already."),
    "people:member:ends_before_it_began": _("A membership cannot end before it began, on %(day)s."),
    "people:member:not_ended": _("This membership has not ended."),
    "people:member:changed_meanwhile": _("Somebody else changed this line at the same moment. Look again."),
    "people:member:phone_of_role_holder": _(
        "This person holds a role, and the phone opens it. Ask an administrator to change the number."
    ),
    "people:import:not_yours": _("You may not bring a roster in."),
    "people:import:number_twice": _("The member number %(number)s stands in the file before, on line %(line)s."),
    "people:import:zeros_lost": _("Nobody has the member number %(number)s, but somebody has %(meant)s."),
    "people:import:no_unit": _("There is no unit with the code %(code)s in your part of the tree."),
    "people:import:outside": _("This member number belongs to a unit outside your part of the tree."),
    "people:import:ended": _("This membership ended on %(day)s."),
    "people:import:email_malformed": _("“%(email)s” is not an e-mail address."),
    "people:role:not_yours": _(
        "Only an administrator of that unit, or of one above it, may give or end roles there."
    ),
    "people:role:member_ended": _("This membership has ended. A role needs a current one."),
    "people:role:no_phone": _(
        "The roster has no phone for this person. Enter it first: it is how they will sign in."
    ),
    "people:role:no_account": _("This person has no account yet. Any phone on the roster will open one."),
}

ROLE_NOTES = {
    Role.ADMINISTRATOR: _("Everything in the unit and beneath it, roles included."),
    Role.ORGANISER: _("Runs campaigns and keeps the roster."),
    Role.ITEM_EDITOR: _("Writes and reviews the items of question banks."),
    Role.AUDITOR: _("Sees everything, changes nothing."),
}

PURPOSES = {
    ConsentPurpose.REMINDERS: _("Text messages about what is open to me"),
    ConsentPurpose.HONOURS: _("My name and unit beside an award I receive"),
    ConsentPurpose.STORIES: _("My unit may ask me for a story or a picture"),
}

PURPOSE_NOTES = {
    ConsentPurpose.REMINDERS: _("At most one a week. Codes to sign in come in any case."),
    ConsentPurpose.HONOURS: _("Without it, winners appear under the number of their ticket."),
    ConsentPurpose.STORIES: _("You see and approve everything before it is published."),
}

STATES = {
    MembershipState.CURRENT: _("Current members"),
    MembershipState.ENDED: _("Ended memberships"),
    MembershipState.ALL: _("Everyone"),
}

VERBS = {
    "people:account:create": _("Account created"),
    "people:account:gain_phone": _("Phone proven"),
    "people:account:lose_phone": _("Phone passed to another person"),
    "people:account:set_password": _("Password set"),
    "people:account:drop_password": _("Password removed"),
    "people:account:end_sessions": _("Signed out everywhere"),
    "people:account:add_second_factor": _("Authenticator app added"),
    "people:account:drop_second_factor": _("Authenticator app removed"),
    "people:account:erase": _("Account erased"),
    "people:account:await_phone": _("New phone admitted for sign-in"),
    "people:consent:give": _("Consent given"),
    "people:consent:revoke": _("Consent taken back"),
    "people:member:add": _("Added to the roster"),
    "people:member:edit": _("Roster line corrected"),
    "people:member:end": _("Membership ended"),
    "people:member:resume": _("End of membership undone"),
    "people:member:claim": _("Signed in for the first time"),
    "people:member:import": _("Imported from a file"),
}

COLUMNS = {
    "member_no": _("Member number"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "unit_code": _("Unit code"),
    "joined_on": _("Date of joining"),
}
"""The columns of a roster file, besides those that `units` names."""

ADVICE = {
    "people:import:number_twice": _("Keep one of these rows."),
    "people:import:zeros_lost": _("The spreadsheet program dropped the leading zeros; set the column to “Text”."),
    "people:import:no_unit": _("Check the code; import the unit first if it is new."),
    "people:import:outside": _("Leave this row to the unit above."),
    "people:import:ended": _("Open the person's page and begin the membership again there."),
    "people:import:email_malformed": _("Correct it or leave it empty."),
    "people:member:number_malformed": _("Use the number on the membership card."),
    "people:member:phone_malformed": _("Set the column to “Text” and type the number again."),
    "people:member:joins_in_future": _("Check the year."),
    "people:member:phone_of_role_holder": _("Leave the phone empty in this row."),
}
"""What to do about the refused rows of a roster file."""
