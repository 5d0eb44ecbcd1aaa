"""The toolkit of a GitOps repository for AI model rosters: check, render, explain."""

__version__ = "0.1.0"
