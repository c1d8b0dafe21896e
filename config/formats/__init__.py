"""How dates are written, where that differs from what Django ships for the language."""
