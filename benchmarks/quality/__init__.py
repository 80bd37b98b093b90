"""The quality bench: worlds with a known truth, one shipped configuration, the worst reported."""
