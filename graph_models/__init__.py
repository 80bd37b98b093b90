"""What the graph means and what follows from it."""
