async function create(client, name, schema, table) {
  await client.query(`CREATE DATABASE "${name}"`);
  await client.query(`DROP TABLE ${schema}.${table}`);
}
