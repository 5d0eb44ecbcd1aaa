// Shows the OpenAPI document of this server. Nothing is loaded from elsewhere: validatorUrl would send the document's
// address to swagger.io.
const element = document.getElementById("docs");
SwaggerUIBundle({
  url: element.dataset.openapi,
  domNode: element,
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
