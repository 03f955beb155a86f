const TABLE = "users";

async function find(db: Db, name: string, id: number, ids: string[]) {
  await db.query("SELECT * FROM users WHERE name = $1", [name]);
  await db.query(`SELECT * FROM ${TABLE} WHERE name = $1`, [name]);
  await db.query(`SELECT * FROM users WHERE id = ${id}`);
  await db.query(`SELECT * FROM users WHERE id = ${Number(name)}`);
  await db.query(sql`SELECT * FROM users WHERE name = ${name}`);
  re.exec("" + name);
  shell.execute(`update ${name}`.trim().length);
  runner.run(`job ${name}`);
}
