"""A publication of any size that means nothing, for measuring: what is in it follows from a seed and the number of
posts alone. Never loaded over real posts."""
