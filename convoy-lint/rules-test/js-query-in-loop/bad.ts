async function f(ids: string[]) {
  for (const id of ids) {
    // bad
    const user = await User.findOne({ id });
  }
  return Promise.all(
    ids.map(async (id) => {
      // bad
      const user = await prisma.user.findUnique({ where: { id } });
      use(user);
    }),
  );
}
