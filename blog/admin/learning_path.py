from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import LearningPath, PathStep

from .inlines import LooseForm, Rows, WholeFormSet
from .ordered import OrderedAdmin


class StepForm(LooseForm):
    number = forms.IntegerField(min_value=1, max_value=32_767, label=gettext_lazy("step"))


class StepFormSet(WholeFormSet):
    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        """Says which of the two rules two rows break; Django's sentence speaks of duplicate data."""
        if "number" in unique_check:
            return _("Two steps have the same number.")
        return _("A post can be only one step of a path.")


class StepsOfPath(Rows):
    model = PathStep
    form = StepForm
    formset = StepFormSet
    verbose_name = gettext_lazy("step")
    autocomplete_fields = ["post"]
    fields = ["number", "post", "note"]
    ordering = ["number", "id"]
    extra = 1


@admin.register(LearningPath)
class LearningPathAdmin(OrderedAdmin):
    fields = ["title", "slug", "introduction"]
    inlines = [StepsOfPath]
    places = PathStep
    owner = "learning_path"
