"""Other people's methods on the tables that ``link`` and the community finder get."""
