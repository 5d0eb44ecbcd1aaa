"""The instance's side: the list of models, copied on a schedule, and what its admin selects from it."""
