"""The operator's doors: probes, metrics, and what looks whether the site is sound.

This room never changes what readers see but by making true again what follows from what editors wrote.
"""
