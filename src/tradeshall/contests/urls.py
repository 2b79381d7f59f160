from __future__ import annotations

from django.urls import URLPattern

from tradeshall.contests.views.console import (
    analysis,
    appeals,
    blueprint,
    contests,
    exports,
    following,
    imports,
    items,
    monitor,
    pools,
    rounds,
    versions,
)
from tradeshall.contests.views.member import appeals as member_appeals
from tradeshall.contests.views.member import attempts, boards, results
from tradeshall.contests.views.member import rounds as member_rounds
from tradeshall.web.access import route

app_name = "contests"

member: list[URLPattern] = [
    route("contests/", member_rounds.contest_list, "contest_list"),
    route("contests/<slug:number>/", member_rounds.contest_show, "contest_show"),
    route("contests/<slug:number>/display/", results.entrant_display, "entrant_display"),
    route("rounds/<int:pk>/", member_rounds.round_show, "round_show"),
    route("rounds/<int:pk>/attempt/", attempts.attempt_sit, "attempt_sit"),
    route("rounds/<int:pk>/result/<int:number>/", results.result_show, "result_show"),
    route("rounds/<int:pk>/board/", boards.board_show, "board_show"),
    route("rounds/<int:pk>/notes/", member_appeals.round_notes, "round_notes"),
    route("rounds/<int:pk>/result/<int:number>/appeal/<int:no>/", member_appeals.appeal_file, "appeal_file"),
]

console: list[URLPattern] = [
    route("console/contests/", contests.contest_list, "console_contest_list"),
    route("console/contests/new/", contests.contest_create, "console_contest_create"),
    route("console/contests/<str:number>/", contests.contest_show, "console_contest_show"),
    route("console/contests/<str:number>/edit/", contests.contest_edit, "console_contest_edit"),
    route("console/contests/<str:number>/rounds/new/", rounds.round_create, "console_round_create"),
    route("console/rounds/<int:pk>/", rounds.round_show, "console_round_show"),
    route("console/rounds/<int:pk>/edit/", rounds.round_edit, "console_round_edit"),
    route("console/rounds/<int:pk>/blueprint/", blueprint.round_blueprint, "console_round_blueprint"),
    route("console/rounds/<int:pk>/blueprint/check/", blueprint.blueprint_check, "console_blueprint_check"),
    route("console/rounds/<int:pk>/paper/", rounds.round_paper, "console_round_paper"),
    route("console/rounds/<int:pk>/publish/", rounds.round_publish, "console_round_publish"),
    route("console/rounds/<int:pk>/close/", rounds.round_close, "console_round_close"),
    route("console/rounds/<int:pk>/release/", rounds.round_release, "console_round_release"),
    route("console/rounds/<int:pk>/monitor/", monitor.round_monitor, "console_round_monitor"),
    route("console/rounds/<int:pk>/follow/", following.round_follow, "console_round_follow"),
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

urlpatterns = [*member, *console]
