"""What the graph means and what follows from it: kinds, stores, linking, communities, assessment."""
