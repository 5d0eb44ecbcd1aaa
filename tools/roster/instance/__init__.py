"""The instance's side: it copies the offered list, and lets its admins choose from it."""
