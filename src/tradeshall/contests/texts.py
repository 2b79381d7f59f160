"""The sentences of contests, and of everything the engine refuses."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tradeshall.contests.enums import (
    Counting,
    ItemForm,
    ItemState,
    Results,
    Review,
    RoundState,
    Scoring,
    TieBreak,
)

Texts = dict[str, str | Promise]

KIND = _("Contest")

POOL_TEXTS: Texts = {
    "contests:pool:name_empty": _("Enter a name for the pool."),
    "contests:pool:name_too_long": _("The name must have at most %(most)s characters."),
    "contests:pool:name_taken": _("This unit already has a pool called “%(name)s”. Choose another name."),
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

TEXTS: Texts = {
    **POOL_TEXTS,
    **ITEM_TEXTS,
    **IMPORT_TEXTS,
    **FILE_TEXTS,
    **ROUND_TEXTS,
    **TAKING_PART_TEXTS,
    **ENGINE_TEXTS,
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
COUNTINGS: Texts = {
    Counting.BEST.value: _("The best attempt"),
    Counting.LAST.value: _("The last attempt"),
    Counting.FIRST.value: _("The first attempt"),
    Counting.SUM.value: _("The sum of all attempts"),
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
