async function find(db: Db, name: string, req: Request) {
  // bad
  await db.query(`SELECT * FROM users WHERE name = '${name}'`);
  // bad
  await db.query("SELECT * FROM users WHERE id = " + req.params.id, []);
  let sql = "DELETE FROM t";
  sql += " WHERE name = '" + name + "'";
  // bad
  db.execute(sql);
  // bad
  await prisma.$queryRawUnsafe(`SELECT * FROM t WHERE id = ${name}`);
}
