async function has(client, name, table) {
  // bad
  await client.query(`SELECT a FROM databases WHERE name = '${name}'`);
  // bad
  await client.query(`SELECT a FROM ${table} WHERE name = ${name}`);
}

app.get("/a", async (req, res) => {
  // bad
  await client.query(`DROP TABLE ${req.query.table}`);
});
