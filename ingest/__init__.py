"""How logs become observations: read, validate, protect, cluster prompts, aggregate, load."""
