"""The page GraphiQL, in which those who are signed in try the API: packaged files, nothing is loaded from elsewhere."""
