from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

CONSOLE_URLS = ("contests:console_contest_show", "contests:console_contest_create")


class ContestsConfig(AppConfig):
    name = "tradeshall.contests"

    def ready(self) -> None:
        from tradeshall.campaigns.queries import register_kind
        from tradeshall.contests import permissions, receivers, texts  # noqa: F401 (receivers register themselves)
        from tradeshall.contests.actions.items import KIND, apply_items
        from tradeshall.contests.formats import sheet
        from tradeshall.contests.queries import taking_part, tickets
        from tradeshall.contests.views.console import desk, draw_desk, imports
        from tradeshall.core.authority import declare
        from tradeshall.intake.ports import FileKind, add_file_kind
        from tradeshall.intake.texts import register_advice, register_columns
        from tradeshall.people.queries import add_export_source
        from tradeshall.web import ports
        from tradeshall.web.access import SIGNED_IN
        from tradeshall.web.texts import register

        declare(permissions.PERMISSIONS)
        register(texts.TEXTS)
        register_columns(texts.COLUMNS)
        register_advice(texts.IMPORT_ADVICE)
        register_advice(texts.FILE_ADVICE)
        add_export_source("contests", taking_part.export_of)
        ports.member_entries.append(
            ports.NavigationEntry(_("Contests"), "contests:contest_list", "trophy", SIGNED_IN, 20)
        )
        ports.member_ticket_sources += [tickets.tickets_of, tickets.prizes_of]
        register_kind("contest", texts.KIND, "contests:contest_show", *CONSOLE_URLS)
        add_file_kind(
            FileKind(
                KIND,
                _("Questions"),
                _("Into a pool of the question bank. Questions missing from the file stay as they are."),
                permissions.ITEM_IMPORT,
                tuple(sheet.HEADINGS),
                None,
                lambda actor, run, skip: apply_items(actor=actor, run=run, skip_refused=skip),
                {"zh-hans": sheet.template_rows("zh-hans"), "en": sheet.template_rows("en")},
                40,
                "contests:console_pool_list",
                imports.place_of,
                _("Bring in questions"),
            )
        )
        entry = ports.NavigationEntry
        ports.console_entries += [
            entry(_("Contests"), "contests:console_contest_list", "trophy", permissions.ROUND_VIEW, 12),
            entry(_("Contest day"), "contests:console_contest_day", "chart-bar", permissions.ROUND_MONITOR, 13),
            entry(_("Question bank"), "contests:console_pool_list", "books", permissions.POOL_VIEW, 14),
        ]
        ports.desk_ticket_sources += [desk.tickets, draw_desk.tickets]
        ports.desk_figure_sources.append(desk.figures)
        ports.desk_followed_sources.append(desk.followed)
        ports.setup_step_sources.append(desk.setup_steps)
