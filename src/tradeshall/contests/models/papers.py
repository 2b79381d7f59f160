"""What members take away: certificates, and results they chose to share."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import CertificateKind
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock
from tradeshall.core.ids import readable_code

CODE_LENGTH = 16  # 80 bits: nobody finds another's by trying

new_code = partial(readable_code, CODE_LENGTH)


class Certificate(models.Model):
    """What an entrant was certified, as it was then; the code on the paper leads here."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code)
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.PROTECT, related_name="certificates")
    round = models.ForeignKey("contests.Round", null=True, on_delete=models.PROTECT, related_name="+")
    achievement = models.ForeignKey("contests.Achievement", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    figure = models.PositiveIntegerField()  # points reached, the rank, or what an achievement asks for
    of = models.PositiveIntegerField()  # points in all, how many were ranked, or the same
    issued_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            one_of("kind", CertificateKind, "certificate_kind_known"),
            models.CheckConstraint(condition=Q(of__gte=1), name="certificate_of_something"),
            models.CheckConstraint(
                condition=Q(kind=CertificateKind.ACHIEVEMENT.value, round=None, achievement__isnull=False)
                | (~Q(kind=CertificateKind.ACHIEVEMENT.value) & Q(round__isnull=False, achievement=None)),
                name="certificate_of_a_round_or_an_achievement",
            ),
            models.UniqueConstraint(fields=["entrant", "round", "kind", "figure", "of"], name="certificate_once"),
            models.UniqueConstraint(
                fields=["entrant", "achievement"],
                condition=Q(achievement__isnull=False),
                name="certificate_of_an_achievement_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SharedResult(models.Model):
    """A result an entrant shows to whoever has the code: exactly what they chose, for as long as they like."""

    code = models.CharField(max_length=CODE_LENGTH, unique=True, default=new_code)
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.CASCADE, related_name="shared_results")
    round = models.ForeignKey("contests.Round", on_delete=models.CASCADE, related_name="+")
    shows_score = models.BooleanField(default=False)
    shows_rank = models.BooleanField(default=False)
    shows_unit = models.BooleanField(default=False)
    shows_name = models.BooleanField(default=False)
    shared_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entrant", "round"], name="shared_result_once")]

    def __str__(self) -> str:
        return self.code
