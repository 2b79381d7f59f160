"""Why a picture or a sound is not taken."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXTS: dict[str, str | Promise] = {
    "media:file:empty": _("The file is empty."),
    "media:file:kind_unknown": _("Pictures are taken as PNG, JPEG, GIF or WebP, sounds as MP3, OGG, M4A or WAV."),
    "media:file:too_large": _("The file is larger than %(most)s MB."),
    "media:file:too_many_pixels": _("The picture has more than %(most)s million pixels. Save it smaller."),
    "media:file:damaged": _("The picture is damaged and cannot be read."),
}
