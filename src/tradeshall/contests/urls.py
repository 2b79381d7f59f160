from __future__ import annotations

from django.urls import URLPattern

from tradeshall.contests.views.console import (
    analysis,
    appeals,
    blueprint,
    certificates,
    contest_day,
    contests,
    draw_steps,
    draws,
    exports,
    following,
    imports,
    items,
    keeping,
    monitor,
    opening,
    policies,
    pools,
    prizes,
    rehearsals,
    rounds,
    series,
    versions,
)
from tradeshall.contests.views.console import boards as console_boards
from tradeshall.contests.views.member import appeals as member_appeals
from tradeshall.contests.views.member import attempts, boards, contest_boards, papers, receipts, results
from tradeshall.contests.views.member import draws as member_draws
from tradeshall.contests.views.member import rounds as member_rounds
from tradeshall.contests.views.public import proofs
from tradeshall.web.access import route

app_name = "contests"

member: list[URLPattern] = [
    route("contests/", member_rounds.contest_list, "contest_list"),
    route("contests/<slug:number>/", member_rounds.contest_show, "contest_show"),
    route("contests/<slug:number>/rules/", member_rounds.contest_rules, "contest_rules"),
    route("contests/<slug:number>/display/", results.entrant_display, "entrant_display"),
    route("contests/<slug:number>/board/", contest_boards.contest_board, "contest_board"),
    route("contests/<slug:number>/board/<int:board>/", contest_boards.unit_board, "unit_board"),
    route("rounds/<int:pk>/", member_rounds.round_show, "round_show"),
    route("rounds/<int:pk>/attempt/", attempts.attempt_sit, "attempt_sit"),
    route("rounds/<int:pk>/result/<int:number>/", results.result_show, "result_show"),
    route("rounds/<int:pk>/result/<int:number>/receipt.json", receipts.receipt_file, "receipt_file"),
    route("rounds/<int:pk>/board/", boards.board_show, "board_show"),
    route("rounds/<int:pk>/notes/", member_appeals.round_notes, "round_notes"),
    route("rounds/<int:pk>/result/<int:number>/appeal/<int:no>/", member_appeals.appeal_file, "appeal_file"),
    route("rounds/<int:pk>/certificate/", papers.certificate_issue, "certificate_issue"),
    route("rounds/<int:pk>/share/", papers.result_share, "result_share"),
    route("contests/<slug:number>/certificate/", papers.achievement_issue, "achievement_issue"),
    route("certificates/<str:code>/file/", papers.certificate_file, "certificate_file"),
]

public: list[URLPattern] = [
    route("certificates/<str:code>/", papers.certificate_show, "certificate_show"),
    route("shared/<str:code>/", papers.shared_show, "shared_show"),
    route("shared/<str:code>/<str:shape>.png", papers.shared_picture, "shared_picture"),
    route("public/contests/<slug:number>/", papers.contest_public, "contest_public"),
    route("public/contests/<slug:number>/<str:shape>.png", papers.contest_picture, "contest_picture"),
]

console: list[URLPattern] = [
    route("console/contest-day/", contest_day.contest_day, "console_contest_day"),
    route("console/contests/", contests.contest_list, "console_contest_list"),
    route("console/contests/new/", contests.contest_create, "console_contest_create"),
    route("console/contests/new/<slug:preset>/", series.contest_setup, "console_contest_setup"),
    route("console/contests/<str:number>/", contests.contest_show, "console_contest_show"),
    route("console/contests/<str:number>/edit/", contests.contest_edit, "console_contest_edit"),
    route("console/contests/<str:number>/publish/", series.contest_publish, "console_contest_publish"),
    route("console/contests/<str:number>/rules/", policies.contest_rules, "console_contest_rules"),
    route(
        "console/contests/<str:number>/achievements/", policies.contest_achievements, "console_contest_achievements"
    ),
    route("console/contests/<str:number>/time/", policies.contest_time, "console_contest_time"),
    route("console/contests/<str:number>/rounds/new/", rounds.round_create, "console_round_create"),
    route("console/contests/<str:number>/boards/", console_boards.boards_show, "console_boards"),
    route("console/contests/<str:number>/boards/people/", console_boards.boards_people, "console_boards_people"),
    route("console/contests/<str:number>/boards/best/", console_boards.boards_best, "console_boards_best"),
    route("console/contests/<str:number>/boards/freeze/", console_boards.boards_freeze, "console_boards_freeze"),
    route("console/contests/<str:number>/boards/lift/", console_boards.boards_lift, "console_boards_lift"),
    route("console/contests/<str:number>/boards/new/", console_boards.board_create, "console_boards_new"),
    route("console/boards/<int:pk>/", console_boards.board_show, "console_board_show"),
    route("console/boards/<int:pk>/edit/", console_boards.board_edit, "console_board_edit"),
    route("console/boards/<int:pk>/delete/", console_boards.board_delete, "console_board_delete"),
    route("console/rounds/<int:pk>/", rounds.round_show, "console_round_show"),
    route("console/rounds/<int:pk>/edit/", rounds.round_edit, "console_round_edit"),
    route("console/rounds/<int:pk>/blueprint/", blueprint.round_blueprint, "console_round_blueprint"),
    route("console/rounds/<int:pk>/blueprint/check/", blueprint.blueprint_check, "console_blueprint_check"),
    route("console/rounds/<int:pk>/paper/", rounds.round_paper, "console_round_paper"),
    route("console/rounds/<int:pk>/material/", policies.round_material, "console_round_material"),
    route("console/rounds/<int:pk>/finalists/", policies.round_finalists, "console_round_finalists"),
    route("console/rounds/<int:pk>/publish/", rounds.round_publish, "console_round_publish"),
    route("console/rounds/<int:pk>/close/", rounds.round_close, "console_round_close"),
    route("console/rounds/<int:pk>/release/", rounds.round_release, "console_round_release"),
    route("console/rounds/<int:pk>/monitor/", monitor.round_monitor, "console_round_monitor"),
    route("console/rounds/<int:pk>/rehearse/", rehearsals.round_rehearse, "console_round_rehearse"),
    route("console/rounds/<int:pk>/follow/", following.round_follow, "console_round_follow"),
    route("console/rounds/<int:pk>/certificates/", certificates.round_certificates, "console_round_certificates"),
    route("console/rounds/<int:pk>/proofs/", opening.round_proofs, "console_round_proofs"),
    route("console/rounds/<int:pk>/export/", exports.round_export, "console_round_export"),
    route("console/rounds/<int:pk>/appeals/", appeals.round_appeals, "console_round_appeals"),
    route("console/rounds/<int:pk>/appeals/<int:item>/", appeals.round_case, "console_round_case"),
    route("console/rounds/<int:pk>/versions/", versions.round_versions, "console_round_versions"),
    route("console/rounds/<int:pk>/versions/confirm/", versions.version_confirm, "console_version_confirm"),
    route("console/rounds/<int:pk>/versions/discard/", versions.version_discard, "console_version_discard"),
    route("console/rounds/<int:pk>/analysis/", analysis.round_analysis, "console_round_analysis"),
    route("console/rounds/<int:pk>/outliers/", analysis.round_outliers, "console_round_outliers"),
    route("console/pools/", pools.pool_list, "console_pool_list"),
    route("console/pools/new/", pools.pool_create, "console_pool_create"),
    route("console/pools/<int:pk>/", items.pool_show, "console_pool_show"),
    route("console/pools/<int:pk>/edit/", pools.pool_edit, "console_pool_edit"),
    route("console/pools/<int:pk>/import/", imports.pool_import, "console_pool_import"),
    route("console/pools/<int:pk>/export/", keeping.pool_export, "console_pool_export"),
    route("console/pools/<int:pk>/duplicates/", keeping.pool_duplicates, "console_pool_duplicates"),
    route("console/pools/<int:pk>/items/new/", items.item_create, "console_item_create"),
    route("console/items/", items.item_list, "console_item_list"),
    route("console/items/preview/", items.item_preview, "console_item_preview"),
    route("console/items/review/", items.items_review, "console_items_review"),
    route("console/items/<int:pk>/", items.item_show, "console_item_show"),
    route("console/items/<int:pk>/edit/", items.item_edit, "console_item_edit"),
    route("console/items/<int:pk>/review/", items.item_move, "console_item_review", verb="review"),
    route("console/items/<int:pk>/reopen/", items.item_move, "console_item_reopen", verb="reopen"),
    route("console/items/<int:pk>/retire/", items.item_move, "console_item_retire", verb="retire"),
]

public += [
    route("public/rounds/<int:pk>/", proofs.round_results, "public_round"),
    route("public/files/<str:name>", proofs.file_download, "public_file"),
    route("public/log/", proofs.log_show, "public_log"),
    route("public/log/keys.json", proofs.log_keys, "public_keys"),
    route("public/log/checkpoints.txt", proofs.log_checkpoints, "public_checkpoints"),
    route("public/log/entries-<int:number>.jsonl", proofs.log_page, "public_log_page"),
    route("public/log/proof/<str:writer>/<int:number>.json", proofs.log_proof, "public_log_proof"),
    route("public/log/consistency/<int:first>/<int:second>.json", proofs.log_consistency, "public_log_consistency"),
    route("public/verifier/", proofs.verifier_show, "verifier"),
    route("public/verifier/tradeshall-verifier.html", proofs.verifier_download, "verifier_download"),
]


drawing: list[URLPattern] = [
    route("draws/<int:pk>/", member_draws.draw_show, "draw_show"),
    route("draws/<int:pk>/tickets.txt", member_draws.draw_tickets, "draw_tickets"),
    route("draws/<int:pk>/draw.json", member_draws.draw_file, "draw_file"),
    route("draws/<int:pk>/draw.sig", member_draws.draw_signature, "draw_signature"),
    route("draws/<int:pk>/mine/", member_draws.draw_mine, "draw_mine"),
    route("draws/<int:pk>/decline/", member_draws.draw_decline, "draw_decline"),
    route("console/contests/<str:number>/draws/", draws.draw_list, "console_draw_list"),
    route("console/contests/<str:number>/draws/new/", draws.draw_create, "console_draw_create"),
    route("console/contests/<str:number>/draws/announce/", draws.draws_announce, "console_draw_announce_all"),
    route("console/draws/<int:pk>/", draws.draw_show, "console_draw_show"),
    route("console/draws/<int:pk>/edit/", draws.draw_edit, "console_draw_edit"),
    route("console/draws/<int:pk>/daily/", draws.draw_daily, "console_draw_daily"),
    route("console/draws/<int:pk>/announce/", draws.draw_announce, "console_draw_announce"),
    route("console/draws/<int:pk>/call-off/", draws.draw_call_off, "console_draw_call_off"),
    route("console/draws/<int:pk>/seal/", draw_steps.draw_seal, "console_draw_seal"),
    route("console/draws/<int:pk>/results/", draw_steps.draw_results, "console_draw_results"),
    route("console/draws/<int:pk>/confirm/", draw_steps.draw_confirm, "console_draw_confirm"),
    route("console/draws/<int:pk>/publish/", draw_steps.draw_publish, "console_draw_publish"),
    route("console/draws/<int:pk>/close/", draw_steps.draw_close, "console_draw_close"),
    route("console/draws/<int:pk>/prizes/", prizes.prize_desk, "console_prize_desk"),
    route("console/draws/<int:pk>/prizes/hand-over/", prizes.prize_hand_over, "console_prize_hand_over"),
    route("console/draws/<int:pk>/prizes/forfeit/", prizes.prize_forfeit, "console_prize_forfeit"),
    route("console/draws/<int:pk>/prizes/overdue/", prizes.prize_overdue, "console_prize_overdue"),
    route("console/draws/<int:pk>/prizes/export/", prizes.prize_export, "console_prize_export"),
]

urlpatterns = [*member, *public, *console, *drawing]
