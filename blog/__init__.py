"""Stratum: an engineering blog with numbered figures and learning levels, in one Django app split into rooms."""
