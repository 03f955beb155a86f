async function f(ids: string[]) {
  const users = await User.find({ id: { $in: ids } });
  for (const user of users) {
    use(user);
    const found = list.find((x) => x === user);
  }
  for (const user of await db.query("SELECT 1")) use(user);
}
