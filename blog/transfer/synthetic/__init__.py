"""A publication of any size that means nothing, for measuring: what is in it follows from a seed, the number of
posts and their length alone. Never loaded over real posts."""
