"""What rounds lead to: days added up, ranks, levels, lists of those who go on, achievements, time for who needs it.

The guards of published rounds are taken off first, since SQLite makes a table anew to add a column, and would drop
some of them and trip over others; 0131 puts them back, with the new columns.
"""

from datetime import timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import django.db.models.deletion
import tradeshall.contests.models.taking_part
import tradeshall.core.clock
from django.db import migrations, models


before = import_module("tradeshall.contests.migrations.0004_published_stays")


def fill_days(apps, schema_editor):
    """Give attempts that are there already the day on which they were begun."""
    federation = apps.get_model("units", "Federation").objects.first()
    zone = ZoneInfo(federation.time_zone if federation else "UTC")
    rows = apps.get_model("contests", "AttemptResult").objects
    batch = []
    for row in rows.only("pk", "finished_at", "time_used_ms").iterator(2000):
        row.begun_on = (row.finished_at - timedelta(milliseconds=row.time_used_ms)).astimezone(zone).date()
        batch.append(row)
        if len(batch) == 2000:
            rows.bulk_update(batch, ["begun_on"])
            batch = []
    rows.bulk_update(batch, ["begun_on"])


class Migration(migrations.Migration):
    dependencies = [
        ("contests", "0120_bank_history"),
        ("people", "0003_signing_in"),
        ("units", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(before.release, before.enforce),
        migrations.CreateModel(
            name="Achievement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=1)),
                ("title", models.CharField(max_length=80)),
                ("title_en", models.CharField(blank=True, max_length=120)),
                ("kind", models.CharField(max_length=12)),
                ("least", models.PositiveIntegerField(default=0)),
                ("must_pass", models.BooleanField(default=False)),
                ("since_joining", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["contest", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Finalist",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["round", "rank", "id"],
            },
        ),
        migrations.CreateModel(
            name="TimeAllowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("percent", models.PositiveSmallIntegerField()),
                ("granted_at", models.DateTimeField(default=tradeshall.core.clock.now)),
            ],
            options={
                "ordering": ["-granted_at", "-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="round",
            name="round_counting_known",
        ),
        migrations.AddField(
            model_name="attemptresult",
            name="begun_on",
            field=models.DateField(default=tradeshall.contests.models.taking_part.today),
        ),
        migrations.AddField(
            model_name="contest",
            name="joining_ends_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="contest",
            name="preset",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="pool",
            name="offered_upward",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="round",
            name="advance_by",
            field=models.CharField(blank=True, max_length=12),
        ),
        migrations.AddField(
            model_name="round",
            name="advance_depth",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="round",
            name="advance_points",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="round",
            name="advance_top",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="round",
            name="advanced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="round",
            name="advances_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="leading_to", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="cap_per_day",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="round",
            name="cap_total",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="round",
            name="material",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="round",
            name="material_url",
            field=models.URLField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="round",
            name="opens_after",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="opening", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="publish_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="round",
            name="rank_style",
            field=models.CharField(default="standard", max_length=10),
        ),
        migrations.AddField(
            model_name="round",
            name="variants",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="section",
            name="local",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="standing",
            name="days",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="standing",
            name="lot",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddIndex(
            model_name="attemptresult",
            index=models.Index(fields=["entrant", "begun_on"], name="contests_at_entrant_31386f_idx"),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("counting__in", ["best", "last", "first", "sum", "daily_best", "capped"])),
                name="round_counting_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank_style__in", ["standard", "dense", "lot"])), name="round_rank_style_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("advance_by__in", ["", "top", "top_of_units", "points"])),
                name="round_advance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("advance_by", ""), ("advances_from", None)),
                    models.Q(models.Q(("advance_by", ""), _negated=True), ("advances_from__isnull", False)),
                    _connector="OR",
                ),
                name="round_advances_from_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("opens_after", None), models.Q(("opens_after", models.F("id")), _negated=True), _connector="OR"
                ),
                name="round_opens_after_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("advances_from", None),
                    models.Q(("advances_from", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="round_advances_from_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("advanced_at", None), ("advances_from__isnull", False), _connector="OR"),
                name="round_list_has_its_rule",
            ),
        ),
        migrations.AddField(
            model_name="achievement",
            name="contest",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="achievements", to="contests.contest"
            ),
        ),
        migrations.AddField(
            model_name="finalist",
            name="entrant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contests.entrant"
            ),
        ),
        migrations.AddField(
            model_name="finalist",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="finalists", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="timeallowance",
            name="contest",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="time_allowances", to="contests.contest"
            ),
        ),
        migrations.AddField(
            model_name="timeallowance",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="achievement",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["days", "in_a_row", "rounds", "points"])),
                name="achievement_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="achievement",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "rounds"), ("least__gte", 1), _connector="OR"),
                name="achievement_asks_for_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="finalist",
            constraint=models.UniqueConstraint(fields=("round", "entrant"), name="finalist_once"),
        ),
        migrations.AddConstraint(
            model_name="timeallowance",
            constraint=models.UniqueConstraint(fields=("contest", "membership"), name="time_allowance_once"),
        ),
        migrations.AddConstraint(
            model_name="timeallowance",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__gt", 100), ("percent__lte", 400)), name="time_allowance_in_bounds"
            ),
        ),
        migrations.RunPython(fill_days, migrations.RunPython.noop),
    ]
