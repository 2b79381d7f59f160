"""Appeals, rulings, versions of results, statistics, outliers; the window for appeals is frozen with the round.

SQLite builds a table anew when it gets a column, and its triggers go with it: they are taken away before and put back
after, from then on over every column of a round that nothing moves.
"""

from importlib import import_module
from typing import Any

import django.db.models.deletion
import tradeshall.core.clock
from django.db import migrations, models

published = import_module("tradeshall.contests.migrations.0004_published_stays")
MOVED = frozenset(("id", "position", "state", "closed_at", "ranked_at", "released_at"))
"""What changes in a round after its publication. All else is frozen."""


def freeze(apps: Any, schema_editor: Any) -> None:
    """Put the triggers back, over the columns a round has by now."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, "contests_round")]
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    known = published.CHANGED[connection.vendor]
    every = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in names if name not in MOVED)
    for statement in published._sqlite() if connection.vendor == "sqlite" else published._postgresql():
        schema_editor.execute(statement.replace(known, every), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("contests", "0161_announced_stays"),
        ("units", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(published.release, freeze),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt_number", models.PositiveIntegerField()),
                ("item_number", models.BigIntegerField()),
                ("reason", models.TextField()),
                ("source", models.CharField(blank=True, max_length=300)),
                ("filed_at", models.DateTimeField(default=tradeshall.core.clock.now)),
            ],
            options={
                "ordering": ["filed_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ItemRuling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("item_number", models.BigIntegerField()),
                ("verdict", models.CharField(max_length=12)),
                ("key", models.JSONField(default=list)),
                ("words", models.TextField()),
                ("ruled_at", models.DateTimeField(default=tradeshall.core.clock.now)),
            ],
            options={
                "ordering": ["-ruled_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ItemStatistics",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1)),
                ("made_at", models.DateTimeField(default=tradeshall.core.clock.now)),
                ("n", models.PositiveIntegerField()),
                ("exposure", models.FloatField()),
                ("facility", models.FloatField(null=True)),
                ("discrimination", models.FloatField(null=True)),
                ("omitted", models.FloatField(null=True)),
                ("shares", models.JSONField(default=list)),
                ("irt_a", models.FloatField(null=True)),
                ("irt_b", models.FloatField(null=True)),
                ("se_a", models.FloatField(null=True)),
                ("se_b", models.FloatField(null=True)),
                ("flags", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["round", "item"],
            },
        ),
        migrations.CreateModel(
            name="Outlier",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("fingerprint", models.CharField(max_length=80)),
                ("facts", models.JSONField(default=dict)),
                ("weight", models.FloatField(default=0)),
                ("found_at", models.DateTimeField(default=tradeshall.core.clock.now)),
                ("state", models.CharField(default="open", max_length=10)),
                ("note", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["-weight", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RescoredAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("was_points", models.IntegerField()),
                ("was_max_points", models.PositiveIntegerField()),
                ("score_points", models.IntegerField()),
                ("max_points", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="ResultsVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(default="building", max_length=10)),
                ("number", models.PositiveIntegerField(null=True)),
                ("note", models.TextField(blank=True)),
                ("corrections", models.JSONField(default=dict)),
                ("changes", models.JSONField(default=list)),
                ("prepared_at", models.DateTimeField(default=tradeshall.core.clock.now)),
                ("made_at", models.DateTimeField(null=True)),
                ("base_ranked_at", models.DateTimeField(null=True)),
                ("ranges_done", models.PositiveIntegerField(default=0)),
                ("ranges", models.PositiveIntegerField(default=1)),
                ("consequences", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["round", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RoundStatistics",
            fields=[
                (
                    "round",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="statistics",
                        serialize=False,
                        to="contests.round",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("made_at", models.DateTimeField(default=tradeshall.core.clock.now)),
                ("attempts", models.PositiveIntegerField()),
                ("analysed", models.PositiveIntegerField()),
                ("mean", models.FloatField()),
                ("deviation", models.FloatField()),
                ("reliability", models.FloatField(null=True)),
                ("measurement_error", models.FloatField(null=True)),
                ("same_papers", models.BooleanField()),
                ("model_fitted", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="VersionStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempt_number", models.PositiveIntegerField()),
                ("attempts_count", models.PositiveIntegerField()),
                ("score_points", models.IntegerField()),
                ("time_used_ms", models.BigIntegerField()),
                ("finished_at", models.DateTimeField()),
                ("days", models.JSONField(default=dict)),
                ("lot", models.CharField(blank=True, max_length=64)),
                ("rank", models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="round",
            name="appeals_days",
            field=models.PositiveSmallIntegerField(default=3),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("appeals_days__lte", 60)), name="round_appeals_in_bounds"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="entrant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="contests.entrant"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="itemruling",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rulings", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="ruling",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appeals",
                to="contests.itemruling",
            ),
        ),
        migrations.AddField(
            model_name="itemstatistics",
            name="item",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="statistics", to="contests.item"
            ),
        ),
        migrations.AddField(
            model_name="itemstatistics",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="item_statistics", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="outlier",
            name="entrants",
            field=models.ManyToManyField(related_name="+", to="contests.entrant"),
        ),
        migrations.AddField(
            model_name="outlier",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="outliers", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="outlier",
            name="unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"),
        ),
        migrations.AddField(
            model_name="rescoredattempt",
            name="result",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rescored", to="contests.attemptresult"
            ),
        ),
        migrations.AddField(
            model_name="resultsversion",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="contests.round"
            ),
        ),
        migrations.AddField(
            model_name="rescoredattempt",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rescored",
                to="contests.resultsversion",
            ),
        ),
        migrations.AddField(
            model_name="versionstanding",
            name="entrant",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contests.entrant"
            ),
        ),
        migrations.AddField(
            model_name="versionstanding",
            name="unit",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="units.unit"
            ),
        ),
        migrations.AddField(
            model_name="versionstanding",
            name="version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="standings",
                to="contests.resultsversion",
            ),
        ),
        migrations.AddIndex(
            model_name="itemruling",
            index=models.Index(fields=["round", "item_number"], name="contests_it_round_i_fa56b1_idx"),
        ),
        migrations.AddConstraint(
            model_name="itemruling",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["void_full", "void_out", "key", "stands"])),
                name="ruling_verdict_known",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["round", "item_number"], name="contests_ap_round_i_d6e26a_idx"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ruling", None)),
                fields=("round", "entrant", "item_number"),
                name="appeal_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemstatistics",
            constraint=models.UniqueConstraint(fields=("round", "item"), name="item_statistics_once"),
        ),
        migrations.AddConstraint(
            model_name="outlier",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["fast_and_high", "same_wrong", "burst"])), name="outlier_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outlier",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "looked_at", "nothing"])), name="outlier_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outlier",
            constraint=models.UniqueConstraint(fields=("round", "fingerprint"), name="outlier_once"),
        ),
        migrations.AddConstraint(
            model_name="resultsversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["building", "ready", "confirmed", "applied", "discarded"])),
                name="version_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="resultsversion",
            constraint=models.UniqueConstraint(fields=("round", "number"), name="version_number_once"),
        ),
        migrations.AddConstraint(
            model_name="resultsversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["building", "ready", "confirmed"])),
                fields=("round",),
                name="version_one_in_the_making",
            ),
        ),
        migrations.AddConstraint(
            model_name="resultsversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("made_at__isnull", False), ("number__isnull", False), ("state", "applied")),
                    models.Q(models.Q(("state", "applied"), _negated=True), ("made_at", None), ("number", None)),
                    _connector="OR",
                ),
                name="version_in_force_has_its_number",
            ),
        ),
        migrations.AddConstraint(
            model_name="rescoredattempt",
            constraint=models.UniqueConstraint(fields=("version", "result"), name="rescored_once"),
        ),
        migrations.AddConstraint(
            model_name="versionstanding",
            constraint=models.UniqueConstraint(fields=("version", "entrant"), name="version_standing_once"),
        ),
        migrations.RunPython(freeze, published.release),
    ]
