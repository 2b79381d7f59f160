from __future__ import annotations

from django.urls import URLPattern

from tradeshall.campaigns.views import console, desk, home, member
from tradeshall.web.access import route

app_name = "campaigns"
urlpatterns: list[URLPattern] = [
    route("", home.home, "home"),
    route("campaigns/<slug:number>/", member.campaign_show, "campaign_show"),
    route("console/", desk.desk, "desk"),
    route("console/campaigns/", console.campaign_list, "console_campaign_list"),
    route("console/campaigns/new/", console.campaign_create, "console_campaign_create"),
    route("console/campaigns/<str:number>/", console.campaign_show, "console_campaign_show"),
    route("console/campaigns/<str:number>/edit/", console.campaign_edit, "console_campaign_edit"),
    route("console/campaigns/<str:number>/publish/", console.campaign_publish, "console_campaign_publish"),
    route("console/campaigns/<str:number>/end/", console.campaign_end, "console_campaign_end"),
]
