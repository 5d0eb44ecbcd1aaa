"""The page ``/docs`` of the gateway's own app: Swagger UI from packaged files; nothing is loaded from elsewhere."""
