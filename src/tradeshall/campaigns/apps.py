from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "tradeshall.campaigns"

    def ready(self) -> None:
        from tradeshall.campaigns import events, permissions, texts  # noqa: F401 (events register themselves)
        from tradeshall.campaigns.views import desk
        from tradeshall.core.authority import declare
        from tradeshall.web import ports
        from tradeshall.web.access import SIGNED_IN
        from tradeshall.web.texts import register

        declare(permissions.PERMISSIONS)
        register(texts.TEXTS)
        ports.member_entries.append(ports.NavigationEntry(_("Home"), "campaigns:home", "house", SIGNED_IN, 10))
        entry = ports.NavigationEntry
        ports.console_entries += [
            entry(_("Desk"), "campaigns:desk", "clipboard-text", permissions.VIEW, 0),
            entry(_("Campaigns"), "campaigns:console_campaign_list", "flag-banner", permissions.VIEW, 10),
        ]
        ports.desk_figure_sources.append(desk.figures)
        ports.setup_step_sources.append(desk.setup_steps)
