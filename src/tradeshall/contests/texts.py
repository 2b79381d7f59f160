"""The sentences of contests, and of everything the engine refuses."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tradeshall.contests.enums import (
    Achieved,
    Advance,
    BoardPart,
    BoardRanks,
    CertificateKind,
    Counting,
    DrawState,
    FileKind,
    Forfeit,
    ItemForm,
    ItemState,
    OutlierKind,
    OutlierState,
    RankStyle,
    Results,
    Review,
    RoundState,
    RulingVerdict,
    Scoring,
    TieBreak,
    VersionState,
    WinnerState,
)

Texts = dict[str, str | Promise]

KIND = _("Contest")

POOL_TEXTS: Texts = {
    "contests:pool:name_empty": _("Enter a name for the pool."),
    "contests:pool:name_too_long": _("The name must have at most %(most)s characters."),
    "contests:pool:name_taken": _("This unit already has a pool called “%(name)s”. Choose another name."),
}

REHEARSAL_TEXTS: Texts = {
    "contests:rehearsal:out_of_bounds": _(
        "A rehearsal from here has at most %(members)s people and lasts at most %(minutes)s minutes. "
        "Larger ones are run with “tradeshall rehearse” at the machine."
    ),
    "contests:rehearsal:under_way": _("A rehearsal of this round is under way already. Wait for its report."),
}

ITEM_TEXTS: Texts = {
    "contests:item:form_unknown": _(
        "“%(given)s” is not a form of item. Use single, multiple, true_false, fill_in, numeric, matching or ordering."
    ),
    "contests:item:stem_empty": _("Enter the question."),
    "contests:item:stem_too_long": _("The question must have at most %(most)s characters."),
    "contests:item:stem_taken": _("This pool already has an item of this form with the same question."),
    "contests:item:true_false_has_two": _("A true/false item has exactly two options."),
    "contests:item:options_count": _("Enter %(least)s to %(most)s options."),
    "contests:item:option_empty": _("Option %(option)s is empty, but one after it is not. Fill the gap."),
    "contests:item:option_too_long": _("Option %(option)s must have at most %(most)s characters."),
    "contests:item:option_twice": _("Option %(option)s says the same as option %(other)s. Change one of them."),
    "contests:item:key_empty": _("Say which option is right."),
    "contests:item:key_outside": _("The answer names an option that is not there, or one option twice."),
    "contests:item:multiple_needs_two": _(
        "A multiple choice needs two right options or more. With one, it is a single choice."
    ),
    "contests:item:single_needs_one": _("This form of item needs exactly one right option."),
    "contests:item:no_gap": _("Mark each gap in the question with four underscores: ____"),
    "contests:item:too_many_gaps": _("A question has at most %(most)s gaps."),
    "contests:item:gaps_differ": _("The question has %(gaps)s gaps, but there are answers for %(given)s."),
    "contests:item:gap_without_answer": _("Enter what is right in gap %(gap)s."),
    "contests:item:too_many_accepted": _("Enter at most %(most)s right texts for gap %(gap)s."),
    "contests:item:accepted_too_long": _("A right text for gap %(gap)s must have at most %(most)s characters."),
    "contests:item:value_missing": _("Enter the right number."),
    "contests:item:value_not_a_number": _("“%(given)s” is not a number."),
    "contests:item:tolerance_not_a_number": _("“%(given)s” is not a tolerance. Use a number such as 0.5, or 1%%."),
    "contests:item:matches_count": _("Enter %(least)s to %(most)s things to match with."),
    "contests:item:match_empty": _("Match %(number)s is empty. Fill it in or take the line away."),
    "contests:item:match_too_long": _("Match %(number)s must have at most %(most)s characters."),
    "contests:item:match_twice": _("Match %(number)s says the same as match %(other)s. Change one of them."),
    "contests:item:pair_missing": _("Say for every line what belongs to it."),
    "contests:item:order_incomplete": _("The right order names every line once."),
    "contests:item:too_many_media": _("A question has at most %(most)s pictures and sounds."),
    "contests:item:media_unknown": _("“%(given)s” is neither a picture nor a sound of the bank."),
    "contests:item:media_without_words": _(
        "Say in words what the picture or sound holds, for who cannot see or hear it."
    ),
    "contests:item:media_words_too_long": _(
        "The words for a picture or sound must have at most %(most)s characters."
    ),
    "contests:item:explanation_too_long": _("The explanation must have at most %(most)s characters."),
    "contests:item:difficulty_out_of_bounds": _("The difficulty is a whole number from 1 (easy) to 5 (hard)."),
    "contests:item:too_many_tags": _("An item has at most %(most)s tags."),
    "contests:item:tag_too_long": _("A tag must have at most %(most)s characters."),
    "contests:item:source_too_long": _("The source must have at most %(most)s characters."),
    "contests:item:changed_meanwhile": _(
        "Somebody else has changed this item since you opened it. Look at it again, then repeat your change."
    ),
    "contests:item:source_needed": _("This pool asks for a source: say which law, convention or work proves it."),
    "contests:item:cannot_review": _("Only a draft can be reviewed."),
    "contests:item:cannot_reopen": _("Only a reviewed or retired item can be taken back to draft."),
    "contests:item:cannot_retire": _("This item is retired already."),
}

IMPORT_TEXTS: Texts = {
    "contests:import:format_unknown": _(
        "“%(given)s” is not a format that can be read. Use auto, xlsx, csv, gift, aiken, moodle or qti."
    ),
    "contests:export:format_unknown": _("“%(given)s” is not a format that can be written."),
    "contests:import:not_items": _("This import does not hold items."),
    "contests:import:key_unreadable": _("“%(given)s” cannot be read as an answer."),
    "contests:import:truth_unreadable": _("“%(given)s” says neither true nor false."),
    "contests:import:difficulty_unreadable": _("“%(given)s” is not a difficulty."),
    "contests:import:options_unused": _("This form has no options, but some stand in the row."),
    "contests:import:gaps_unreadable": _("“%(given)s” does not say what is right in each gap."),
    "contests:import:number_unreadable": _("“%(given)s” is not a number with a tolerance."),
    "contests:import:pairs_unreadable": _("“%(given)s” does not say which match belongs to which option."),
    "contests:import:twice_in_file": _("The same item stands in line %(line)s already."),
    "contests:gift:description": _("This is a text without a question."),
    "contests:gift:braces": _("The answers must stand in one pair of braces."),
    "contests:gift:essay": _("An essay question is not carried."),
    "contests:gift:ordering": _("An ordering question in GIFT is not carried."),
    "contests:gift:answers": _("The answers cannot be read: each begins with = or ~."),
    "contests:gift:partial_credit": _("A single choice with part marks for other answers is not carried."),
    "contests:gift:unequal_weights": _("A multiple choice whose right answers weigh differently is not carried."),
    "contests:gift:no_right_answer": _("No answer is marked as right."),
    "contests:gift:media": _("A question with a picture, sound or formula in HTML is not carried."),
}
IMPORT_ADVICE: Texts = {
    "contests:item:form_unknown": _(
        "Write 单选, 多选, 判断, 填空, 数值, 匹配 or 排序, "
        "or single, multiple, true_false, fill_in, numeric, matching or ordering."
    ),
    "contests:import:key_unreadable": _("Write the letters of the right options: B, or AC, or A,C."),
    "contests:import:truth_unreadable": _("Write 对 or 错, √ or ×, T or F."),
    "contests:import:options_unused": _("Empty the options, or correct the form."),
    "contests:import:gaps_unreadable": _("Separate gaps with a semicolon, and texts that are equally right with |."),
    "contests:import:number_unreadable": _("Write 3.14, 3.14±0.01, 200±5% or 3.1~3.2."),
    "contests:import:pairs_unreadable": _("List the matches in their own column, and write A2,B1,C3 here."),
    "contests:import:difficulty_unreadable": _("Write a figure from 1 (easy) to 5 (hard)."),
    "contests:import:twice_in_file": _("Delete one of the two lines."),
    "contests:gift:ordering": _("Put it into a spreadsheet, or export it as Moodle XML."),
    "contests:gift:media": _("Export it as Moodle XML, with the picture."),
    "contests:gift:essay": _("Leave it out."),
    "contests:gift:description": _("Leave it out."),
    "contests:gift:braces": _("Put a backslash before braces that belong to the text."),
    "contests:gift:partial_credit": _("Give one answer the whole of the points."),
    "contests:gift:unequal_weights": _("Give every right answer the same weight."),
}
FILE_TEXTS: Texts = {
    "contests:file:xml_damaged": _("The file is not well-formed XML: line %(line)s."),
    "contests:file:xml_huge": _("The XML nests too deeply or holds too many elements."),
    "contests:file:doctype": _("The file contains a document type declaration, which no question needs."),
    "contests:file:not_moodle": _("The file is XML, but not Moodle's: it begins with “%(root)s”."),
    "contests:file:not_qti": _("The file is XML, but not a QTI item: it begins with “%(root)s”."),
    "contests:file:qti_12": _("This is QTI 1.2, which is not read."),
    "contests:file:archive_damaged": _("The archive is damaged and cannot be read."),
    "contests:file:archive_unsafe": _(
        "The archive holds “%(name)s”, which lies outside of it, is a link or stands twice."
    ),
    "contests:file:archive_huge": _("The archive unpacks to far more than it should."),
    "contests:file:archive_protected": _("The archive is protected by a password."),
    "contests:file:package_without_items": _("The archive holds neither a spreadsheet nor QTI items."),
    "contests:file:item_missing": _("The package names “%(name)s”, but does not hold it."),
    "contests:file:kind_not_carried": _("A question of the kind “%(kind)s” is not carried."),
    "contests:file:adaptive": _("An adaptive item is not carried."),
    "contests:file:templates": _("An item with figures made anew for each person is not carried."),
    "contests:file:description": _("This is a text without a question."),
    "contests:file:several_interactions": _("An item that asks several things is not carried."),
    "contests:file:incomplete": _("The question lacks its part “%(part)s”."),
    "contests:file:no_right_answer": _("No answer is marked as right."),
    "contests:file:partial_credit": _("Other answers earn part of the points, which is not carried."),
    "contests:file:unequal_weights": _("Its right answers weigh differently, which is not carried."),
    "contests:file:several_numbers": _("It accepts several numbers, which is not carried."),
    "contests:file:number_unreadable": _("“%(given)s” is not a number that can be read."),
    "contests:file:rounding": _("Its number is compared after rounding, which is not carried."),
    "contests:file:wildcard": _("An answer with a wildcard (*) is not carried."),
    "contests:file:gaps_differ": _("The question has %(gaps)s gaps, but answers for %(answers)s."),
    "contests:file:cloze_mixed": _("Gaps of the kind %(kinds)s are not carried."),
    "contests:file:pairs": _("Each entry on the left needs exactly one on the right."),
    "contests:file:picture_in_option": _("A picture or sound in an option is not carried."),
    "contests:file:picture_missing": _("The picture or sound “%(name)s” is not with the file."),
    "contests:file:picture_damaged": _("The picture or sound “%(name)s” cannot be decoded."),
    "contests:file:aiken_no_answer": _("The question ends without a line ANSWER:."),
    "contests:file:aiken_no_question": _("The options stand without a question."),
    "contests:file:aiken_letters": _("The options must be A, B, C and so on, in order."),
    "contests:file:aiken_answer": _("“%(given)s” is not the letter of one option."),
    "contests:note:feedback_lost": _("What it says about other than the right answer is left out."),
    "contests:note:negative_marks": _(
        "Its negative marks are left out; what wrong answers cost is a rule of the round."
    ),
    "contests:note:points_lost": _("Its points (%(points)s) are left out; points are set by the blueprint."),
    "contests:note:partial_answers_lost": _("Answers that earned part of the points are left out."),
    "contests:note:case_ignored": _("Capitals mattered in it; here they do not."),
    "contests:note:fixed_order": _(
        "Its options stood in a fixed order; here the round decides whether they are shuffled."
    ),
    "contests:note:became_single": _("It allowed several answers but had one right one; it is a single choice now."),
    "contests:note:formatting_lost": _("A formula or raised or lowered text is now plain text. Look at it."),
    "contests:note:table_lost": _("A table is now plain text. Look at it."),
    "contests:note:link_lost": _("The address of a link is left out."),
    "contests:note:picture_lost": _("A picture or sound outside of the question itself is left out."),
    "contests:note:file_lost": _("A file that came with it but is not shown in it is left out."),
    "contests:note:words_missing": _(
        "Its picture or sound has no words for those who cannot see or hear it. Write some."
    ),
    "contests:note:unit_lost": _("The units of its number are left out; say in the question which one is meant."),
    "contests:note:all_parts_shown": _("It showed some of its parts only; here all are shown."),
    "contests:note:numbers_as_text": _("Its numbers are compared as texts, without a tolerance."),
    "contests:note:pattern_lost": _("The pattern its answer had to follow is left out."),
    "contests:note:rubric_lost": _("Its instructions for others than the member are left out."),
    "contests:note:test_passed_over": _("The package holds a test; its items are taken, the test itself is not."),
    "contests:note:like_item": _("It is %(percent)s%% like question %(number)s of this pool."),
    "contests:note:like_line": _("It is %(percent)s%% like line %(line)s of this file."),
    "contests:hold:media": _("It has a picture or sound."),
    "contests:hold:ordering": _("There are no ordering questions in this format."),
    "contests:hold:several_gaps": _("It has several gaps."),
    "contests:hold:wildcard": _("One of its answers holds a *, which means anything there."),
    "contests:hold:arrow": _("One of its texts holds ->, which means a pair there."),
    "contests:hold:tags": _("One of its tags holds a bracket."),
    "contests:hold:letters": _("It holds signs that mean something else there."),
    "contests:hold:number": _("Its number is not a plain decimal."),
    "contests:hold:line_ends": _("One of its texts runs over several lines."),
    "contests:hold:single_alone": _("There is nothing but single choice in this format."),
}
"""Why a file or an item in it is not taken, what an item loses, and why a format has no words for one."""
FILE_ADVICE: Texts = {
    "contests:file:qti_12": _("Export it as QTI 2.1 or newer, or as Moodle XML."),
    "contests:file:archive_damaged": _("Make it again."),
    "contests:file:archive_protected": _("Make it again without a password."),
    "contests:file:doctype": _("Delete the line that begins with <!DOCTYPE."),
    "contests:file:several_interactions": _("Make an item of each."),
    "contests:file:unequal_weights": _("Give every right answer the same weight."),
    "contests:file:partial_credit": _("Give one answer the whole of the points."),
    "contests:file:wildcard": _("Write out the answers that are right."),
    "contests:file:picture_in_option": _("Put the picture into the question and name its parts."),
    "contests:file:picture_missing": _("Put it into the archive beside the file."),
    "contests:file:aiken_no_answer": _("Add it after the options."),
}
COLUMNS: Texts = {
    "form": _("Form"),
    "stem": _("Question"),
    "option_a": _("Option A"),
    "option_b": _("Option B"),
    "option_c": _("Option C"),
    "option_d": _("Option D"),
    "option_e": _("Option E"),
    "option_f": _("Option F"),
    "option_g": _("Option G"),
    "option_h": _("Option H"),
    "answer": _("Answer"),
    "explanation": _("Explanation"),
    "difficulty": _("Difficulty"),
    "tags": _("Tags"),
    "source": _("Source"),
    "matches": _("Matches"),
    "media": _("Pictures and sounds"),
}

ROUND_TEXTS: Texts = {
    "contests:round:title_empty": _("Enter a title for the round."),
    "contests:round:title_too_long": _("The title must have at most %(most)s characters."),
    "contests:round:closes_before_it_opens": _("The round must close after it opens."),
    "contests:round:time_limit_out_of_bounds": _("The time limit must be from %(least)s to %(most)s seconds."),
    "contests:round:grace_out_of_bounds": _("The grace must be from 0 to %(most)s seconds."),
    "contests:round:attempts_out_of_bounds": _("Attempts must be from 0 (no limit) to %(most)s."),
    "contests:round:more_a_day_than_in_all": _("There cannot be more attempts a day than in all."),
    "contests:round:choice_unknown": _("“%(given)s” is not one of the choices."),
    "contests:round:tie_breaks_unknown": _("Tie-breaks start with the score and name each rule once."),
    "contests:round:exposure_out_of_bounds": _("The exposure cap must be from 1 to 100 per cent."),
    "contests:round:pass_points_negative": _("The pass mark cannot be negative."),
    "contests:round:pass_points_above_most": _("The pass mark is above the %(most)s points a paper can earn."),
    "contests:round:window_is_past": _("The round would already be over. Choose a later closing time."),
    "contests:round:campaign_not_published": _("Publish the campaign first."),
    "contests:round:frozen": _("A published round can no longer be changed."),
    "contests:round:cannot_publish": _("Only a draft can be published."),
    "contests:round:cannot_close": _("Only a published round can be closed."),
    "contests:round:nothing_to_release": _(
        "Only results held back for review of a closed round can be released, once."
    ),
    "contests:results:format_unknown": _("Results are exported as xlsx or csv."),
    "contests:round:not_published": _("This round has not been published yet."),
    "contests:section:count_out_of_bounds": _("A section draws from 1 to %(most)s items."),
    "contests:section:points_out_of_bounds": _("An item earns from 1 to %(most)s points."),
    "contests:section:difficulty_out_of_bounds": _("The difficulty runs from 1 to 5, the lower figure first."),
    "contests:section:scoring_unknown": _("Choose how multiple choice is scored."),
    "contests:section:forms_unknown": _("Choose among single choice, multiple choice and true/false."),
    "contests:section:no_pool": _("Choose at least one pool."),
    "contests:section:pool_not_usable": _("Choose pools of this unit, or ones shared by a unit above it."),
    "contests:blueprint:empty": _("The blueprint is empty. Add a section."),
    "contests:blueprint:paper_too_long": _("A paper has at most %(most)s items."),
    "contests:blueprint:no_pool": _("Section %(section)s: choose at least one pool."),
    "contests:blueprint:pool_not_usable": _("Section %(section)s: a pool is no longer shared with this unit."),
    "contests:blueprint:too_few_items": _(
        "Section %(section)s: %(needs)s items are to be drawn, but only %(has)s reviewed items fit."
    ),
    "contests:blueprint:sections_overlap": _(
        "Section %(section)s: other sections draw on the same items, which leaves %(has)s of the %(needs)s it needs."
    ),
    "contests:blueprint:too_much_to_type": _(
        "A paper may have at most %(most)s gaps and numbers to type. Draw fewer such questions."
    ),
    "contests:blueprint:exposure_above_cap": _(
        "Section %(section)s: %(has)s items fit, but %(needs)s are needed "
        "so that no item is seen on more than %(cap)s%% of papers."
    ),
}

POLICY_TEXTS: Texts = {
    "contests:round:cap_out_of_bounds": _("A cap on points must be from 0 (no cap) to %(most)s."),
    "contests:round:cap_missing": _("Counting with a cap needs one: a day, in all, or both."),
    "contests:round:cap_of_day_above_all": _("The cap of a day cannot be above the cap in all."),
    "contests:round:advance_from_nowhere": _("Choose the round whose best go on to this one."),
    "contests:round:advance_without_rule": _("Choose who goes on from the earlier round."),
    "contests:round:advance_top_out_of_bounds": _("From 1 to %(most)s people can go on."),
    "contests:round:advance_depth_out_of_bounds": _(
        "Choose the level of the units whose best go on, from 1 to %(most)s."
    ),
    "contests:round:advance_points_out_of_bounds": _("The points from which one goes on must be from 1 to %(most)s."),
    "contests:round:level_before_is_not_earlier": _(
        "The level before must be a round of this contest that does not open later than this one."
    ),
    "contests:round:level_before_has_no_mark": _("The level before needs a pass mark, or nobody could pass it."),
    "contests:round:preliminary_is_not_over_before": _(
        "The earlier round must belong to this contest and close before this one opens."
    ),
    "contests:round:preliminary_is_practice": _("Practice has no ranks, so nobody can go on from it."),
    "contests:round:publish_the_earlier_first": _(
        "Publish “%(round)s” first: the rules of this round build upon it."
    ),
    "contests:round:level_locked": _("This level opens once you have passed the one before."),
    "contests:round:list_not_made": _("Who goes on to this round has not been decided yet."),
    "contests:round:not_on_the_list": _("This round is for those who went on from the one before."),
    "contests:round:list_confirmed_already": _("The list has been confirmed already."),
    "contests:round:preliminary_not_ranked": _(
        "The final ranks of the earlier round are not there yet. They follow a moment after it closes."
    ),
    "contests:series:days_out_of_bounds": _("There must be from 1 to %(most)s days."),
    "contests:series:every_day_off": _("At least one day of the week must be left to play on."),
    "contests:series:weekday_unknown": _("Choose among the seven days of the week."),
    "contests:series:nothing_to_publish": _("There is no draft round to publish."),
    "contests:series:round_not_ready": _("“%(round)s” cannot be published; so none has been."),
    "contests:achievement:title_empty": _("Enter a title for the achievement."),
    "contests:achievement:kind_unknown": _("Choose what the achievement asks for."),
    "contests:achievement:least_out_of_bounds": _("An achievement asks for at least 1 and at most %(most)s."),
    "contests:contest:frozen": _("A round of this contest is published, so these rules can no longer change."),
    "contests:contest:joining_is_over": _("This contest takes nobody new any more. Who entered before goes on."),
    "contests:time:percent_out_of_bounds": _("The time must be from %(least)s to %(most)s per cent of the limit."),
    "contests:time:other_unit": _("This contest is not for the unit of that member."),
    "contests:time:gone": _("This grant of time has been taken back already."),
    "contests:time:member_unknown": _("There is no current member with this number whom you may see."),
}

PROOF_TEXTS: Texts = {
    "contests:opening:round_not_over": _("Nothing can be opened before the round is over and its grace has passed."),
    "contests:opening:all_in_use": _(
        "Every question of this round is drawn on by a round that is open or planned. Open them when those are over."
    ),
    "contests:opening:nothing_new": _(
        "What can be opened is open. The rest is drawn on by a round that is open or planned."
    ),
    "contests:opening:is_open": _("Everything of this round is open already."),
    "contests:publishing:at_once": _("Somebody else has published this at the same moment. Look at it again."),
}

TAKING_PART_TEXTS: Texts = {
    "contests:contest:not_published": _("This contest has not been published."),
    "contests:contest:over": _("This contest is over."),
    "contests:entrant:not_yours": _("This is not your membership."),
    "contests:entrant:membership_ended": _(
        "Your membership has ended. If that is wrong, ask the organiser of your unit."
    ),
    "contests:entrant:other_unit": _(
        "This contest is for members of another unit. If that is wrong, ask the organiser of your unit."
    ),
}

ENGINE_TEXTS: Texts = {
    "engine:request:malformed": _("The request could not be understood. Load the page again."),
    "engine:request:too_large": _("The request was too large."),
    "engine:request:too_slow": _("The connection was too slow. Try again; your answers are kept on this device."),
    "engine:request:unknown_path": _("There is nothing at this address."),
    "engine:request:wrong_method": _("This address cannot be used that way."),
    "engine:service:unauthorised": _("The pages are not allowed to ask the engine this. Tell the operator."),
    "engine:pass:invalid": _(
        "Your pass for this round is not valid. Go back to the round’s page and start from there."
    ),
    "engine:pass:expired": _("Your pass for this round has expired. Go back to the round’s page for a new one."),
    "engine:token:invalid": _("This attempt could not be recognised. Go back to the round’s page and open it again."),
    "engine:round:unknown": _("The round is being prepared. Try again in a moment."),
    "engine:round:not_open": _("The round has not opened yet."),
    "engine:round:closed": _("The round is closed."),
    "engine:attempt:unknown": _("There is no such attempt."),
    "engine:attempt:finished": _("This attempt has been handed in already."),
    "engine:attempt:too_late": _("The time is over. What had been delivered in time has been scored."),
    "engine:attempt:none_left": _("You have used all your attempts."),
    "engine:attempt:none_left_today": _("You have used today’s attempts. Come back tomorrow."),
    "engine:attempt:too_soon": _("You are practising very fast. Go on in a minute."),
    "engine:response:malformed": _("An answer could not be understood. Load the page again."),
    "engine:response:too_long": _("An answer is longer than %(most)s characters. Shorten it."),
    "engine:response:not_on_paper": _("An answer belongs to a question that is not on your paper."),
    "engine:review:unfinished": _("Hand in this attempt before you look at the answers."),
    "engine:review:withheld": _("The answers will be shown later."),
    "engine:review:never": _("The answers of this round are not shown."),
    "engine:place:none": _("You have no place on this board yet."),
    "engine:busy:starts": _("Very many people are starting just now. Your turn comes in a moment; no time is lost."),
    "engine:busy:reads": _("The board is very busy. Try again in a moment."),
    "engine:busy:saves": _("The server is very busy. Your answers are kept on this device and sent again shortly."),
    "engine:busy:not_committed": _("This could not be stored. Try again; nothing is lost."),
    "engine:process:unreachable": _("The contest engine cannot be reached. Try again in a moment."),
}

PAPERS_TEXTS: Texts = {
    "contests:certificate:kind_unknown": _("“%(given)s” is not a kind of certificate."),
    "contests:certificate:practice": _("Practice earns no certificate."),
    "contests:certificate:no_result": _("There is no result yet that could be certified."),
    "contests:certificate:not_passed": _("A certificate needs %(pass_points)s points."),
    "contests:certificate:not_ranked": _("The ranks are not final yet."),
    "contests:certificate:not_reached": _("You have not reached this yet."),
    "contests:certificate:rank_too_low": _("Ranks are certified down to %(most)s."),
    "contests:share:no_result": _("There is no result yet that could be shared."),
}

TEXTS: Texts = {
    **POOL_TEXTS,
    **ITEM_TEXTS,
    **IMPORT_TEXTS,
    **ROUND_TEXTS,
    **TAKING_PART_TEXTS,
    **PAPERS_TEXTS,
    **FILE_TEXTS,
    **POLICY_TEXTS,
    **REHEARSAL_TEXTS,
    **PROOF_TEXTS,
    **ENGINE_TEXTS,
}

FILE_KINDS: Texts = {
    FileKind.COMMITMENTS.value: _("Commitments"),
    FileKind.OPENING.value: _("Questions, keys and secret"),
    FileKind.RESULTS.value: _("Results"),
    FileKind.LIST.value: _("Sealed list"),
    FileKind.DRAW.value: _("Draw"),
}
FILE_HELPS: Texts = {
    FileKind.COMMITMENTS.value: _("Published before the round: fixes rules, questions and keys, and shows none."),
    FileKind.OPENING.value: _("Published after it: what the commitments were made to."),
    FileKind.RESULTS.value: _("Everybody's rank, score and time, under pseudonyms."),
    FileKind.LIST.value: _("The tickets of a prize draw, fixed before the draw."),
    FileKind.DRAW.value: _("Which tickets were drawn, and from what chance event."),
}

FORMS: Texts = {
    ItemForm.SINGLE.value: _("Single choice"),
    ItemForm.MULTIPLE.value: _("Multiple choice"),
    ItemForm.TRUE_FALSE.value: _("True/false"),
    ItemForm.FILL_IN.value: _("Fill in the gaps"),
    ItemForm.NUMERIC.value: _("Numeric answer"),
    ItemForm.MATCHING.value: _("Matching"),
    ItemForm.ORDERING.value: _("Ordering"),
}
ITEM_STATES: Texts = {
    ItemState.DRAFT.value: _("Draft"),
    ItemState.REVIEWED.value: _("Reviewed"),
    ItemState.RETIRED.value: _("Retired"),
}
ROUND_STATES: Texts = {
    RoundState.DRAFT.value: _("Draft"),
    RoundState.PUBLISHED.value: _("Published"),
    RoundState.CLOSED.value: _("Closed"),
}
PHASES: Texts = {
    "draft": _("Draft"),
    "coming": _("Opens later"),
    "open": _("Open now"),
    "over": _("Over"),
}
LIGHTS: Texts = {
    "lit": _("Answered"),
    "open": _("Open now"),
    "coming": _("Opens later"),
    "missed": _("Not answered"),
}
COUNTINGS: Texts = {
    Counting.BEST.value: _("The best attempt"),
    Counting.LAST.value: _("The last attempt"),
    Counting.FIRST.value: _("The first attempt"),
    Counting.SUM.value: _("The sum of all attempts"),
    Counting.DAILY_BEST.value: _("The sum of each day’s best attempt"),
    Counting.CAPPED.value: _("The sum of all attempts, up to a cap"),
}
RANK_STYLES: Texts = {
    RankStyle.STANDARD.value: _("Shared, then as many ranks are left out: 1-2-2-4"),
    RankStyle.DENSE.value: _("Shared, none left out: 1-2-2-3"),
    RankStyle.LOT.value: _("None shared: a lot fixed at publication decides"),
}
ADVANCES: Texts = {
    Advance.NOBODY.value: _("Everybody may take part"),
    Advance.TOP.value: _("The best of all"),
    Advance.TOP_OF_UNITS.value: _("The best of each unit"),
    Advance.POINTS.value: _("Everybody from so many points on"),
}
ACHIEVED: Texts = {
    Achieved.DAYS.value: _("Answer on so many days"),
    Achieved.IN_A_ROW.value: _("Answer on so many days in a row"),
    Achieved.ROUNDS.value: _("Light so many points of the map; 0: all of them"),
    Achieved.POINTS.value: _("Earn so many points in all"),
}
WEEKDAYS: dict[int, object] = {
    0: _("Monday"),
    1: _("Tuesday"),
    2: _("Wednesday"),
    3: _("Thursday"),
    4: _("Friday"),
    5: _("Saturday"),
    6: _("Sunday"),
}
PRESETS: dict[str, tuple[object, object]] = {
    "daily": (
        _("28-day daily quiz"),
        _("A short paper every day, one attempt. Answer often enough and you reach an achievement."),
    ),
    "levels": (
        _("Five-question levels"),
        _("Short levels that open in turn: pass one, and the next opens. Try again as often as the rules allow."),
    ),
    "exam": (
        _("One exam day"),
        _("One long paper, one attempt, results when it is over."),
    ),
    "practice": (
        _("Practice"),
        _("As many papers as one likes, answers at once, no board."),
    ),
}
TIE_BREAKS: Texts = {
    TieBreak.SCORE.value: _("Higher score"),
    TieBreak.TIME_USED.value: _("Less time used"),
    TieBreak.EARLIER_FINISH.value: _("Earlier finish"),
    TieBreak.FEWER_ATTEMPTS.value: _("Fewer attempts"),
}
SCORINGS: Texts = {
    Scoring.ALL_OR_NOTHING.value: _("All or nothing"),
    Scoring.PART_MARKS.value: _("Part marks, nothing once one wrong option is ticked"),
    Scoring.PER_OPTION.value: _("Per option"),
}
RESULTS: Texts = {
    Results.AT_ONCE.value: _("At once"),
    Results.AFTER_ROUND.value: _("After the round"),
    Results.AFTER_REVIEW.value: _("After the organiser has reviewed them"),
}
REVIEWS: Texts = {
    Review.AT_ONCE.value: _("At once"),
    Review.AFTER_ROUND.value: _("After the round"),
    Review.NEVER.value: _("Never"),
}

CERTIFICATE_KINDS: Texts = {
    CertificateKind.FINISH.value: _("Certificate of completion"),
    CertificateKind.RANK.value: _("Certificate of rank"),
    CertificateKind.ACHIEVEMENT.value: _("Certificate of achievement"),
}

ATTEMPT_PAGE: Texts = {
    "where": _("Question %(no)s of %(of)s"),
    "question": _("Question %(no)s"),
    "moved": _("“%(text)s” is now %(place)s of %(of)s"),
    "next": _("Save and continue"),
    "check": _("Check and hand in"),
    "flag": _("Flag"),
    "unflag": _("Remove flag"),
    "kept": _("Kept on this device: %(count)s"),
    "not_kept": _("Not kept on this device"),
    "delivered": _("Delivered: %(count)s"),
    "answered": _("answered"),
    "unanswered": _("not answered"),
    "flagged": _("flagged"),
    "comma": _(", "),
    "offline": _(
        "The network is gone. Your answers are kept on this device and are delivered as soon as it is back."
    ),
    "offline_unkept": _(
        "The network is gone, and this browser keeps nothing. Leave this page open until it is back."
    ),
    "busy": _("The server is very busy. Your answers are kept on this device and sent again shortly."),
    "unkept": _(
        "This browser lets nothing be kept on the device. Every answer is delivered at once; stay connected."
    ),
    "behind": _("This paper was answered on another device after you opened it here."),
    "five_left": _("Five minutes left."),
    "minute_left": _("One minute left."),
    "hand_in_title": _("Hand in?"),
    "hand_in_full": _("Every question is answered. After handing in you can change nothing."),
    "hand_in_gaps": _("After handing in you can change nothing."),
    "unanswered_count": _("Not answered: %(count)s"),
    "flagged_count": _("Flagged: %(count)s"),
    "handing_in": _("Handing in. Please leave this page open."),
    "handing_in_offline": _(
        "No answer from the server yet. We keep trying; this page may stay open. What has been delivered "
        "(%(count)s) counts in any case."
    ),
    "time_up_title": _("The time is over"),
    "time_up": _("Your last answers are being delivered."),
    "over_title": _("This attempt is over"),
    "refused_title": _("The server did not accept this"),
    "refused": _("Your answers are kept on this device. Load the page again and go on from there."),
    "engine:attempt:finished": _("This attempt has been handed in already."),
    "engine:attempt:too_late": _("The time is over. What had been delivered in time has been scored."),
    "engine:token:invalid": _("This attempt could not be recognised. Go back to the round’s page and open it again."),
}
"""What the script of the attempt page says; `%(name)s` is filled in by the browser."""

# Boards ------------------------------------------------------------------------------------------------------

TEXTS |= {
    "contests:unit_board:no_name": _("Give the board a name."),
    "contests:unit_board:no_parts": _("Give at least one part a weight."),
    "contests:unit_board:weight_out_of_bounds": _(
        "A weight runs from 1 to %(most)s. Leave it empty if it does not count."
    ),
    "contests:unit_board:no_such_level": _("There are no units of this level beneath the contest’s unit."),
    "contests:unit_board:no_such_industry": _("No unit beneath the contest’s unit is of this industry."),
    "contests:unit_board:nothing_to_cover": _(
        "Branches and groups have no branches beneath them. Choose a higher level or leave this weight empty."
    ),
    "contests:unit_board:top_out_of_bounds": _("The mean is taken of the best %(least)s to %(most)s."),
    "contests:unit_board:members_too_few": _("No unit of fewer than %(least)s members is shown on a board."),
    "contests:unit_board:people_too_few": _("No unit with fewer than %(least)s taking part is shown on a board."),
    "contests:unit_board:too_many": _("A contest has at most %(most)s boards."),
    "contests:unit_board:fixed": _("A round is published. The boards stay as members have read them."),
    "contests:boards:best_out_of_bounds": _("From 0 to %(most)s rounds. 0: all count."),
    "contests:boards:freeze_has_begun": _("The boards stand still already. You can only lift the freeze."),
    "contests:boards:freeze_is_past": _("Choose a moment that is still to come."),
    "contests:boards:not_frozen": _("The boards are not frozen."),
}
BOARD_PARTS: Texts = {
    BoardPart.RATE.value: _("Participation rate"),
    BoardPart.COVERAGE.value: _("Branches reached"),
    BoardPart.MEAN.value: _("Mean score"),
    BoardPart.TOP_MEAN.value: _("Mean of the best %(count)s"),
    BoardPart.TOTAL.value: _("Total of points"),
}
BOARD_PARTS_HOW: Texts = {
    BoardPart.RATE.value: _("How many of all members took part. All of them: 100."),
    BoardPart.COVERAGE.value: _(
        "In how many of its branches with at least %(members)s members at least %(people)s took part. "
        "All of them: 100."
    ),
    BoardPart.MEAN.value: _("The mean score of those who took part. The highest mean on this board: 100."),
    BoardPart.TOP_MEAN.value: _(
        "The mean of the %(count)s best scores; where fewer took part, the missing ones are 0. "
        "The highest on this board: 100."
    ),
    BoardPart.TOTAL.value: _("The points of all who took part, added up. The highest total on this board: 100."),
}
BOARD_OWN: Texts = {
    BoardPart.RATE.value: _("%(figure)s of %(of)s members took part"),
    BoardPart.COVERAGE.value: _("%(figure)s of %(of)s branches reached"),
    BoardPart.MEAN.value: _("%(figure)s points; the highest mean is %(of)s"),
    BoardPart.TOP_MEAN.value: _("%(figure)s points; the highest is %(of)s"),
    BoardPart.TOTAL.value: _("%(figure)s points; the highest total is %(of)s"),
}
BOARD_RANKS: Texts = {
    BoardRanks.STANDARD.value: _("1, 2, 2, 4"),
    BoardRanks.DENSE.value: _("1, 2, 2, 3"),
}

DRAW_TEXTS: Texts = {
    "contests:draw:title_empty": _("Enter a title."),
    "contests:draw:title_too_long": _("The title must have at most %(most)s characters."),
    "contests:draw:too_many_prizes": _("A draw has at most %(most)s prizes of different kinds."),
    "contests:draw:prize_name": _("Enter what the prize is, in at most %(most)s characters."),
    "contests:draw:prize_count": _("Enter how many there are of this prize, from 1 to %(most)s."),
    "contests:draw:too_many_winners": _("A draw has at most %(most)s winners."),
    "contests:draw:too_many_events": _("A draw has at most %(most)s events."),
    "contests:draw:event_name": _("Enter the name of the event on one line, without the sign “=”."),
    "contests:draw:event_name_too_long": _("The name must have at most %(most)s characters."),
    "contests:draw:event_too_near": _(
        "The event must happen at least %(hours)s hours after the list is sealed. Choose a later one."
    ),
    "contests:draw:event_twice": _("Two events have the same name. Give each a name of its own."),
    "contests:draw:claim_days_out_of_bounds": _("Winners have 1 to %(most)s days to claim."),
    "contests:draw:reserves_out_of_bounds": _("Enter 0 to %(most)s reserves."),
    "contests:draw:round_elsewhere": _("This round belongs to another contest."),
    "contests:draw:unit_elsewhere": _("This unit is not beneath the unit of the contest."),
    "contests:draw:frozen": _("This draw has been announced. Nothing of it can change any more."),
    "contests:draw:model_has_no_round": _("Only a draw of one round can be repeated for the other rounds."),
    "contests:draw:no_prize": _("Enter at least one prize before you announce the draw."),
    "contests:draw:no_event": _("Name at least one public event whose result decides the draw."),
    "contests:draw:event_too_soon": _(
        "An event happens in less than %(hours)s hours. Choose a later one, so that everybody can read of it before."
    ),
    "contests:draw:no_round": _("Publish the rounds this draw looks at first."),
    "contests:draw:seals_before_the_close": _("The list is sealed after the last round closes. Choose a later time."),
    "contests:draw:not_yet_to_be_sealed": _("The announced time of sealing has not come yet."),
    "contests:draw:too_late_to_seal": _(
        "The first event is less than %(hours)s hours away. The list can no longer be sealed in time: call this draw "
        "off and announce another with later events."
    ),
    "contests:draw:rounds_not_over": _(
        "The rounds are not closed yet, or their final ranks are still being made. Try again in a minute."
    ),
    "contests:draw:ledger_behind": _("Attempts are still being read in. Try again in a minute; nobody is left out."),
    "contests:draw:nobody_eligible": _("Nobody meets the conditions of this draw. There is no list to seal."),
    "contests:draw:results_changed": _("Results changed while the list was being made. Seal it again."),
    "contests:draw:changed_meanwhile": _("Somebody else was at work on this draw. Look at it again."),
    "contests:draw:not_sealed": _("Results are entered once the list is sealed, and until they are confirmed."),
    "contests:draw:event_not_yet": _("An announced event has not happened yet."),
    "contests:draw:value_empty": _("Enter the result on one line, exactly as it was published."),
    "contests:draw:value_too_long": _("The result must have at most %(most)s characters."),
    "contests:draw:no_results_yet": _("Nobody has entered the results yet."),
    "contests:draw:needs_another_person": _(
        "You sealed the list or entered the results. Somebody else has to confirm them."
    ),
    "contests:draw:results_differ": _(
        "This is not what was entered before. Look at the published results again; if you are right, ask for the "
        "entry to be corrected."
    ),
    "contests:draw:list_changed": _(
        "The list in the database is not the one that was published. Nothing was drawn: restore it from a backup."
    ),
    "contests:draw:too_late_to_call_off": _(
        "An event has happened, so the winners could be known. The draw can no longer be called off."
    ),
    "contests:draw:reason_empty": _("Say why. Everybody can read it."),
    "contests:draw:prizes_outstanding": _("%(count)s prizes are neither handed over nor forfeited."),
    "contests:draw:cannot_announce": _("Only a draft can be announced."),
    "contests:draw:cannot_seal": _("Only an announced draw can be sealed, and only once."),
    "contests:draw:cannot_confirm": _("Results are confirmed once, after the list was sealed."),
    "contests:draw:cannot_publish": _("Winners are published once, after they were drawn."),
    "contests:draw:cannot_close": _("Only a draw whose winners are published can be closed."),
    "contests:draw:cannot_call_off": _("This draw can no longer be called off."),
    "contests:prize:none": _("There is no prize for you in this draw."),
    "contests:prize:field_empty": _("Fill this in, so that the prize can reach you."),
    "contests:prize:too_late": _("The time for claiming this prize is over."),
    "contests:prize:not_late": _("The time for claiming this prize is not over, or it was claimed."),
    "contests:prize:forfeit_unknown": _("This is no reason for which a prize is lost."),
    "contests:prize:reason_empty": _("Say why this prize is taken back. The journal keeps it."),
    "contests:prize:draw_not_open": _("Prizes change hands between the publication of the winners and the close."),
    "contests:prize:cannot_promote": _("This ticket is no reserve any more."),
    "contests:prize:cannot_claim": _("This prize cannot be claimed: it was claimed already, or was lost."),
    "contests:prize:cannot_hand_over": _("Only a prize that was claimed can be handed over."),
    "contests:prize:cannot_forfeit": _("This prize was handed over or lost already."),
}
TEXTS |= DRAW_TEXTS

DRAW_STATES: Texts = {
    DrawState.DRAFT.value: _("Draft"),
    DrawState.ANNOUNCED.value: _("Announced"),
    DrawState.SEALED.value: _("List sealed"),
    DrawState.DRAWN.value: _("Drawn, not public yet"),
    DrawState.PUBLISHED.value: _("Winners published"),
    DrawState.CLOSED.value: _("Closed"),
    DrawState.CALLED_OFF.value: _("Called off"),
}
WINNER_STATES: Texts = {
    WinnerState.RESERVE.value: _("Reserve"),
    WinnerState.WON.value: _("Not claimed yet"),
    WinnerState.CLAIMED.value: _("Claimed"),
    WinnerState.HANDED_OVER.value: _("Handed over"),
    WinnerState.FORFEITED.value: _("Forfeited"),
}
FORFEITS: Texts = {
    Forfeit.LATE.value: _("Not claimed in time"),
    Forfeit.DECLINED.value: _("Declined"),
    Forfeit.CAUSE.value: _("Excluded by the organiser"),
}

AFTER_TEXTS: Texts = {
    "contests:round:appeals_out_of_bounds": _("The days for appeals must be from 0 to %(most)s."),
    "contests:appeal:none_here": _("This round takes no appeals."),
    "contests:appeal:too_early": _("Appeals are taken once the round is over."),
    "contests:appeal:too_late": _("The time for appeals is over."),
    "contests:appeal:not_on_paper": _("This question was not on your paper."),
    "contests:appeal:reason_too_short": _("Say in at least %(least)s characters what is wrong."),
    "contests:appeal:reason_too_long": _("The reason must have at most %(most)s characters."),
    "contests:appeal:source_too_long": _("The source must have at most %(most)s characters."),
    "contests:appeal:too_many_waiting": _("%(most)s of your appeals still wait for an answer. Wait for those first."),
    "contests:appeal:too_many_today": _("You have filed %(most)s appeals within a day. Come back tomorrow."),
    "contests:appeal:waits_already": _("Your appeal against this question waits for an answer already."),
    "contests:ruling:verdict_unknown": _("Choose what is decided."),
    "contests:ruling:words_empty": _("Say in a few words why. Everybody can read it."),
    "contests:ruling:words_too_long": _("The words must have at most %(most)s characters."),
    "contests:ruling:not_on_every_paper": _(
        "This question was not on every paper. Taken out of the maximum, those who had it would stand behind those "
        "who had not. Give everybody who had it full points instead."
    ),
    "contests:ruling:key_not_here": _("Another right answer can be named only where one chooses among options."),
    "contests:ruling:key_empty": _("Mark the options that are right."),
    "contests:ruling:key_needs_one": _("This form of question has exactly one right option."),
    "contests:ruling:key_unchanged": _("These options are the right ones already."),
    "contests:ruling:round_not_over": _("Questions are ruled upon once the round is over."),
    "contests:ruling:item_unknown": _("This round has no such question."),
    "contests:version:not_ranked": _("The final ranks of this round are not made yet."),
    "contests:version:nothing_decided": _("Nothing has been decided that is not in the results already."),
    "contests:version:note_empty": _("Write a note. Everybody can read why results change."),
    "contests:version:note_too_long": _("The note must have at most %(most)s characters."),
    "contests:version:one_in_the_making": _("A new version of these results is being made already."),
    "contests:version:cannot_finish": _("Only a version that is being built can be finished."),
    "contests:version:cannot_confirm": _("Only a version that is built and looked at can be put in force."),
    "contests:version:cannot_apply": _("Only a confirmed version can be put in force."),
    "contests:version:cannot_discard": _("Only a version that is not in force yet can be dropped."),
    "contests:analysis:not_ranked": _("The questions are analysed once the final ranks are made."),
    "contests:results:version_unknown": _("There is no such version of these results."),
    "contests:outlier:state_unknown": _("Choose one of the answers."),
    "contests:outlier:note_too_long": _("The note must have at most %(most)s characters."),
}
TEXTS |= AFTER_TEXTS

VERDICTS: Texts = {
    RulingVerdict.VOID_FULL.value: _("Void: full points for everybody who had it"),
    RulingVerdict.VOID_OUT.value: _("Void: taken out of the score and of the maximum"),
    RulingVerdict.KEY.value: _("Another answer is right"),
    RulingVerdict.STANDS.value: _("The question stands"),
}
VERSION_STATES: Texts = {
    VersionState.BUILDING.value: _("Being built"),
    VersionState.READY.value: _("To be looked at"),
    VersionState.CONFIRMED.value: _("Being put in force"),
    VersionState.APPLIED.value: _("In force"),
    VersionState.DISCARDED.value: _("Dropped"),
}
ITEM_FLAGS: Texts = {
    "few_answers": _("Few answers so far"),
    "negative": _("The weak do better here than the strong: check the key"),
    "weak": _("Hardly tells the strong from the weak"),
    "too_easy": _("Nearly everybody right"),
    "too_hard": _("Nearly nobody right"),
    "guessed": _("Fewer right than by guessing"),
    "better_distractor": _("A wrong option draws the strong: check it"),
    "idle_option": _("An option hardly anybody chooses"),
    "often_omitted": _("Often left out"),
}
OUTLIER_KINDS: Texts = {
    OutlierKind.FAST_AND_HIGH.value: _("Very fast, and a high score"),
    OutlierKind.SAME_WRONG.value: _("The same wrong answers"),
    OutlierKind.BURST.value: _("Many high scores within a minute"),
}
OUTLIER_REASONS: Texts = {
    OutlierKind.FAST_AND_HIGH.value: _(
        "%(points)s points in %(seconds)s seconds. Half of those with high scores took more than %(usual)s seconds."
    ),
    OutlierKind.SAME_WRONG.value: _(
        "Two of one unit got %(shared)s of the same questions wrong, %(same)s of them with the same wrong answer. "
        "By chance about %(expected)s would agree."
    ),
    OutlierKind.BURST.value: _(
        "%(count)s high scores of one unit were handed in within one minute. Usual there: %(usual)s an hour. "
        "Perhaps they sat together in a hall."
    ),
}
OUTLIER_STATES: Texts = {
    OutlierState.OPEN.value: _("Not looked at"),
    OutlierState.LOOKED_AT.value: _("Looked at, still open"),
    OutlierState.NOTHING.value: _("Nothing in it"),
}
