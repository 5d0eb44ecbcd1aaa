"""The instance: a copy of the list of models, synced on a schedule, and the selections of its admins."""
