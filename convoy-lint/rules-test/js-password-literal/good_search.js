docsearch({
  appId: "BIQ7DDAB35",
  indexName: "Production",
  apiKey: "27590c871bf247526427720080358240",
});
