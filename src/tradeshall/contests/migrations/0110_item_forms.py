"""Items that are filled in, calculated, matched and put in order; pictures and sounds under a stem."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

FORMS = ["single", "multiple", "true_false", "fill_in", "numeric", "matching", "ordering"]


class Migration(migrations.Migration):
    dependencies = [("contests", "0004_published_stays")]

    operations = [
        migrations.RemoveConstraint("item", "item_form_known"),
        migrations.AddConstraint("item", models.CheckConstraint(condition=Q(form__in=FORMS), name="item_form_known")),
        migrations.AddField("item", "accepted", models.JSONField(default=list)),
        migrations.AddField("item", "matches", models.JSONField(default=list)),
        migrations.AddField("item", "media", models.JSONField(default=list)),
    ]
