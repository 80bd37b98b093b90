"""How the records of a source become events: the mapping language, compiled to one SELECT."""
