from __future__ import annotations

from django import forms
from django.contrib import admin

from blog.models import LearningPath, PathStep

from .inlines import LooseForm, Rows, WholeFormSet
from .ordered import OrderedAdmin


class StepForm(LooseForm):
    number = forms.IntegerField(min_value=1, max_value=32_767, label="step")


class StepsOfPath(Rows):
    model = PathStep
    form = StepForm
    formset = WholeFormSet
    verbose_name = "step"
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
