"""The demo edition: posts, authors and figures that show the product at work; never loaded over real posts."""
