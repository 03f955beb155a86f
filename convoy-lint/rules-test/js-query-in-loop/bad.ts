async function f(ids: string[]) {
  for (const id of ids) {
    // bad
    const user = await User.findOne({ id });
    // bad
    const rows = await db.query("SELECT 1 WHERE id = $1", [id]);
  }
  return Promise.all(
    ids.map(async (id) => {
      // bad
      const user = await prisma.user.findUnique({ where: { id } });
      use(user);
    }),
  );
}
