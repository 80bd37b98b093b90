"""From the rows of a snapshot to the tables that the analysis reads."""
