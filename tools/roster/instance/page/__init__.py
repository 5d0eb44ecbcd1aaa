"""The admin page: rendered on the server from one state; its script changes choices over the GraphQL API."""

from roster.instance.page.router import router as router
